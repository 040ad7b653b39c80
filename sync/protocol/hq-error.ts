import { type Text, text } from '../../agent/contract/text.ts';

/** HTTP status and sentence of everything that HQ refuses. The hint says what to do next. */
interface Row {
  readonly status: number;
  readonly message: Text;
  readonly hint: Text;
}

/** One table of HQ's error codes. Add, never change: tills of older versions act by them. */
export const HQ_ERRORS = {
  'invalid-input': {
    status: 400,
    message: text('请求内容不对', 'The request is not in the right form'),
    hint: text('按 field 所指修正', 'Correct what `field` names'),
  },
  unauthenticated: {
    status: 401,
    message: text('没有有效的凭证', 'No valid credential was shown'),
    hint: text('重新建立会话后再试', 'Open a session and try again'),
  },
  forbidden: {
    status: 403,
    message: text('此凭证无权执行该操作', 'This credential may not do that'),
    hint: text('使用有相应权限的凭证', 'Use a credential with that right'),
  },
  'till-unknown': {
    status: 403,
    message: text('总部没有登记这台收银机', 'Headquarters does not know this till'),
    hint: text(
      '检查收银机编号；要使用它，用新的注册凭条注册',
      'Check the id of the till; to use it, register it with a fresh ticket',
    ),
  },
  'till-revoked': {
    status: 403,
    message: text('这台收银机已被总部停用', 'Headquarters has revoked this till'),
    hint: text(
      '本机可继续销售；要恢复同步请联系信息部门重新注册',
      'It may go on selling; ask IT to register it again for sync',
    ),
  },
  'till-copied': {
    status: 409,
    message: text(
      '这台收银机的数据文件夹被复制到了另一台机器上',
      'The data folder of this till was copied and both copies speak to headquarters',
    ),
    hint: text(
      '停用其中一份，另一份重新注册',
      'Take one of them out of service and register the other again',
    ),
  },
  'code-wrong': {
    status: 403,
    message: text('注册码不对或已过期', 'The registration code is wrong or has expired'),
    hint: text('请信息部门生成新的注册凭条', 'Ask IT for a fresh registration ticket'),
  },
  'code-used': {
    status: 409,
    message: text('注册码已被使用', 'The registration code was used before'),
    hint: text('请信息部门生成新的注册凭条', 'Ask IT for a fresh registration ticket'),
  },
  'too-many-guesses': {
    status: 429,
    message: text('错误的注册码太多', 'Too many wrong registration codes'),
    hint: text('稍候再试', 'Wait a little and try again'),
  },
  'protocol-unsupported': {
    status: 426,
    message: text('收银机版本与总部不兼容', 'This version of the till and headquarters do not fit'),
    hint: text('升级较旧的一方', 'Update whichever is older'),
  },
  'cursor-unknown': {
    status: 409,
    message: text(
      '总部的数据流与收银机记录的位置不符',
      'The place in the feed that the till remembers is not one of ours',
    ),
    hint: text('收银机会重新获取完整快照', 'The till takes a fresh snapshot by itself'),
  },
  'cursor-too-old': {
    status: 410,
    message: text('收银机离线太久', 'The till was away too long for the feed'),
    hint: text('收银机会重新获取完整快照', 'The till takes a fresh snapshot by itself'),
  },
  'ledger-gap': {
    status: 409,
    message: text('上传的账目不连续', 'Entries are missing before these'),
    hint: text('从 expectedSeq 起重新上传', 'Send again from `expectedSeq`'),
  },
  'ledger-forked': {
    status: 409,
    message: text(
      '上传的账目与总部已有的不一致',
      'These entries differ from what headquarters has under the same numbers',
    ),
    hint: text('请联系信息部门；本机可继续销售', 'Ask IT; the till may go on selling'),
  },
  'outbox-gap': {
    status: 409,
    message: text('上传的记录不连续', 'Outbox items are missing before these'),
    hint: text('从 expectedNo 起重新上传', 'Send again from `expectedNo`'),
  },
  'incarnation-unknown': {
    status: 409,
    message: text(
      '账目属于这台收银机的另一份数据库',
      'These entries belong to another database of this till',
    ),
    hint: text('重新注册后再同步', 'Register again, then sync'),
  },
  'member-unknown': {
    status: 404,
    message: text('没有这位会员', 'There is no such member'),
    hint: text('检查会员号', 'Check the member id'),
  },
  'store-unknown': {
    status: 404,
    message: text('总部没有这家门店', 'Headquarters has no such store'),
    hint: text(
      '检查门店编号（区分大小写）；没有的门店先导入',
      'Check the id of the store, capital letters count; a store that is missing is imported first',
    ),
  },
  'case-unknown': {
    status: 404,
    message: text('没有这个编号的待处理事项', 'There is no case of that number'),
    hint: text('在列表中查找编号', 'Find its number in the list'),
  },
  'member-not-active': {
    status: 409,
    message: text('这位会员目前不能使用会员凭证', 'This member cannot have a pass at present'),
    hint: text('请到服务台核对会员状态', 'Ask the service desk about the membership'),
  },
  'wallet-no-card': {
    status: 409,
    message: text(
      '这位会员没有可用于钱包卡的卡号',
      'This member has no card number that a wallet card can show',
    ),
    hint: text(
      '先给会员一个 4 至 32 位的字母或数字卡号',
      'Give the member a card number of 4 to 32 letters and digits first',
    ),
  },
  'pass-code-wrong': {
    status: 403,
    message: text('绑定码不对、已过期或已被使用', 'The code is wrong, has ended or was used'),
    hint: text(
      '请收银员再出一个绑定码（10 分钟内有效）',
      'Ask the cashier for another one; it is good for 10 minutes',
    ),
  },
  'pass-guesses': {
    status: 429,
    message: text('错误的绑定码太多', 'Too many wrong codes'),
    hint: text('过几分钟再试', 'Try again in a few minutes'),
  },
  'pass-codes-many': {
    status: 429,
    message: text('这台收银机要的绑定码太多', 'This till has asked for too many codes'),
    hint: text('过几分钟再试', 'Try again in a few minutes'),
  },
  'pass-page-missing': {
    status: 409,
    message: text(
      '总部没有生成会员凭证页面，手机打不开',
      'Headquarters has no page of passes that a phone could open',
    ),
    hint: text(
      '请信息部门在总部运行 npm run build:pass，再重新启动总部',
      'IT runs npm run build:pass at headquarters and starts it again',
    ),
  },
  'pass-unknown': {
    status: 404,
    message: text('这张会员凭证已停用', 'This pass has ended'),
    hint: text('到收银台重新绑定', 'Link it again at a till'),
  },
  'pass-proof-wrong': {
    status: 403,
    message: text('会员凭证的签名不对', 'The signature of the pass does not fit'),
    hint: text('移除后到收银台重新绑定', 'Remove it and link it again at a till'),
  },
  'face-keys-many': {
    status: 429,
    message: text('这台收银机要的人脸密钥太多', 'This till has asked for too many keys of faces'),
    hint: text('过几分钟再试', 'Try again in a few minutes'),
  },
  'clock-differs': {
    status: 409,
    message: text(
      '请求的时间与总部相差太大',
      "The time of the request is too far from headquarters'",
    ),
    hint: text('按 at 所示的时间重新签名', 'Sign again with the time that `at` says'),
  },
  'order-unknown': {
    status: 404,
    message: text('没有这笔线上订单', 'There is no such online order'),
    hint: text('检查订单号', 'Check the order id'),
  },
  'order-exists': {
    status: 409,
    message: text('这笔线上订单已入账', 'This online order is booked already'),
    hint: text('用新的订单号', 'Use an order id of its own'),
  },
  'return-too-much': {
    status: 409,
    message: text('退货金额超过购买金额', 'More would come back than was bought'),
    hint: text('检查已退金额', 'Look at what has come back already'),
  },
  'points-short': {
    status: 409,
    message: text('积分不足', 'Not enough points'),
    hint: text('减少使用的积分', 'Spend fewer points'),
  },
  'currency-wrong': {
    status: 400,
    message: text('币种与总部不同', 'The currency is not the one of the chain'),
    hint: text('使用总部的币种', "Use the chain's currency"),
  },
  'key-reused': {
    status: 409,
    message: text('幂等键已用于另一请求', 'The idempotency key was used for another request'),
    hint: text('每笔业务使用新的键', 'Use a fresh key for each booking'),
  },
  'key-missing': {
    status: 400,
    message: text('缺少 Idempotency-Key', 'The header Idempotency-Key is missing'),
    hint: text('每笔业务给一个自己的键', 'Give each booking a key of its own'),
  },
  'not-found': {
    status: 404,
    message: text('没有这个资源', 'There is nothing here'),
    hint: text('检查地址', 'Check the address'),
  },
  'too-large': {
    status: 413,
    message: text('请求太大', 'The request is too large'),
    hint: text('分批发送', 'Send it in smaller parts'),
  },
  'too-many-open': {
    status: 429,
    message: text('此收银机占用的额度太多', 'This till holds too many reservations'),
    hint: text('先完成或取消已有的交易', 'Finish or void open sales first'),
  },
  busy: {
    status: 503,
    message: text('总部繁忙', 'Headquarters is busy'),
    hint: text('按 Retry-After 稍候再试', 'Wait as Retry-After says and try again'),
  },
  internal: {
    status: 500,
    message: text('总部出错', 'Something broke at headquarters'),
    hint: text('稍候再试；若持续请联系信息部门', 'Try again; ask IT if it goes on'),
  },
} as const satisfies Record<string, Row>;

export type HqErrorCode = keyof typeof HQ_ERRORS;

/** A refusal of HQ. `detail` is for programs, such as `expectedSeq`; it carries no personal data. */
export interface HqFailure {
  readonly code: HqErrorCode;
  readonly field?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A refusal as a value. */
export function hqFailure(
  code: HqErrorCode,
  field?: string,
  detail?: Readonly<Record<string, unknown>>,
): HqFailure {
  return {
    code,
    ...(field === undefined ? {} : { field }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** The wire form: `{ code, message, hint, field?, ...detail }` with both languages. */
export function hqErrorBody({ code, field, detail }: HqFailure): Record<string, unknown> {
  const { message, hint } = HQ_ERRORS[code];
  return { code, message, hint, ...(field === undefined ? {} : { field }), ...detail };
}
