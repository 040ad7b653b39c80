import { z } from 'zod';
import { type Text, text, textSchema } from './text.ts';

/** One expected failure: HTTP status, what happened, and what the operator or the calling program does next. */
interface ErrorRow {
  readonly status: number;
  readonly message: Text;
  readonly hint: Text;
}

function row(status: number, message: Text, hint: Text): ErrorRow {
  return { status, message, hint };
}

/**
 * The one table of error codes that leave the till over any transport.
 * Codes are stable; messages may be reworded.
 */
export const ERRORS = {
  'invalid-input': row(
    400,
    text('提交的内容不符合要求', 'The request does not fit the contract'),
    text('按 field 指出的字段修正后重发', 'Correct the field named in `field` and send it again'),
  ),
  unauthenticated: row(
    401,
    text('未提供有效的令牌', 'No valid token was given'),
    text('先在收银台配对，再带上令牌', 'Pair at the till first, then send the token'),
  ),
  'forbidden-scope': row(
    403,
    text('此程序没有这项权限', 'This program lacks the scope for that'),
    text('用所需的权限重新配对', 'Pair again with the scope that is needed'),
  ),
  'forbidden-origin': row(
    403,
    text('来源网页未配对', 'The page that asks is not paired'),
    text('从已配对的来源调用', 'Call from an origin that is paired'),
  ),
  'cross-site': row(
    403,
    text('其他网站不能调用本机', 'Another site may not call this till'),
    text('从已配对的来源调用', 'Call from an origin that is paired'),
  ),
  'token-in-url': row(
    400,
    text('令牌不能写在地址里', 'A token must never stand in the address'),
    text(
      '用 Authorization: Bearer 传令牌，并更换这个令牌',
      'Send it as Authorization: Bearer, and replace this token: addresses are logged',
    ),
  ),
  'wrong-method': row(
    405,
    text('此地址不接受这种请求方法', 'This address does not take that method'),
    text('按接口文档使用正确的方法', 'Use the method that the API document names'),
  ),
  'wrong-host': row(
    421,
    text('请求的主机名不对', 'The request names another host'),
    text('使用程序显示的地址', 'Use the exact address that the till prints'),
  ),
  'wrong-content-type': row(
    415,
    text('只接受 JSON', 'Only JSON is accepted'),
    text('设置 Content-Type: application/json', 'Send Content-Type: application/json'),
  ),
  'body-too-large': row(
    413,
    text('请求内容太大', 'The request body is too large'),
    text('减少行数后重发', 'Send fewer lines'),
  ),
  'request-timeout': row(
    408,
    text('请求内容发送太慢', 'The request body arrived too slowly'),
    text('检查调用程序后重发', 'Check the calling program and send it again'),
  ),
  'too-many-requests': row(
    429,
    text('请求太多', 'Too many requests'),
    text('按 Retry-After 稍后再试', 'Wait as Retry-After says, then try again'),
  ),
  'not-found': row(
    404,
    text('没有这一项', 'There is no such thing'),
    text('检查地址', 'Check the address'),
  ),
  'pairing-closed': row(
    403,
    text('收银台没有打开配对', 'Pairing is not open at the till'),
    text('请店长在收银台打开配对', 'Ask a manager to open pairing at the till'),
  ),
  'pairing-code-wrong': row(
    403,
    text('配对码不对', 'The pairing code is wrong'),
    text('重新输入收银台显示的六位数', 'Enter the six digits shown on the till'),
  ),
  'ui-code-wrong': row(
    401,
    text('打开链接已用过或已过期', 'The link was used before or has expired'),
    text('在收银台重新打开', 'Open the screen again from the till'),
  ),
  'pass-offline': row(
    503,
    text('绑定会员凭证需要连接总部', 'Linking a pass needs headquarters'),
    text('现在连不上总部，联网后再试', 'It cannot be reached at present; try again once it is'),
  ),
  'pass-codes-many': row(
    429,
    text('短时间内要的绑定码太多', 'Too many codes were asked for'),
    text('过几分钟再试', 'Try again in a few minutes'),
  ),
  'pass-page-missing': row(
    409,
    text('总部还没有会员凭证页面', 'Headquarters has no page of passes yet'),
    text(
      '请信息部门在总部运行 npm run build:pass，再重新启动总部',
      'Ask IT: npm run build:pass at headquarters, then start it again',
    ),
  ),
  'pass-member-waiting': row(
    409,
    text('总部还没有这位会员的资料', 'Headquarters does not have this member yet'),
    text(
      '刚入会的会员同步后即可绑定，稍后再试',
      'Who has just joined is there after the next sync; try again then',
    ),
  ),
  'pass-member-inactive': row(
    409,
    text('这位会员目前不能使用会员凭证', 'This member cannot have a pass at present'),
    text('请店长核对会员状态', 'Ask a manager about the membership'),
  ),
  'staff-required': row(
    409,
    text('没有登录的员工', 'No member of staff is signed in'),
    text('请在收银台登录，或在请求中给出 staffId', 'Sign in at the till or send staffId'),
  ),
  'staff-unknown': row(
    409,
    text('没有这名员工或已停用', 'This member of staff is unknown or inactive'),
    text('检查员工编号', 'Check the staff id'),
  ),
  'staff-differs': row(
    403,
    text('staffId 不是本屏幕登录的员工', 'The staffId is not who is signed in at this screen'),
    text('不填 staffId，或由该员工登录', 'Leave staffId out, or let that colleague sign in'),
  ),
  'pin-wrong': row(401, text('密码不对', 'The PIN is wrong'), text('再试一次', 'Try again')),
  'pin-locked': row(
    429,
    text('密码输错太多次，已暂时锁定', 'Too many wrong PINs; locked for now'),
    text('稍后再试，或请店长处理', 'Wait, or ask a manager'),
  ),
  'role-required': row(
    403,
    text('此操作需要更高的岗位', 'This needs another role'),
    text('请有权限的同事登录', 'Ask a colleague with that role'),
  ),
  'screen-locked': row(
    401,
    text('屏幕已锁定', 'The screen is locked'),
    text('输入密码解锁', 'Enter your PIN to unlock'),
  ),
  'member-unknown': row(
    404,
    text('本机没有这位会员', 'This till does not know that member'),
    text('检查卡号或手机号，或按普通顾客结账', 'Check card or phone, or go on as a guest'),
  ),
  'join-closed': row(
    409,
    text('本机还不能办理入会', 'Members cannot join at this till yet'),
    text(
      '总部发布入会同意书后即可办理；现在可按普通顾客结账',
      'It opens when headquarters has published the consent text; go on as a guest',
    ),
  ),
  'consent-outdated': row(
    409,
    text('同意书已有新版本', 'The consent text has a newer version'),
    text('请会员阅读新的同意书后再办理', 'Show the newer text to the shopper, then send it again'),
  ),
  'identification-unknown': row(
    404,
    text('这次识别不存在或已清除', 'This identification is unknown or was cleared'),
    text('请会员重新扫码', 'Ask the member to scan again'),
  ),
  'identification-bound': row(
    409,
    text('这次识别属于另一个购物篮', 'This identification belongs to another basket'),
    text('请会员为这个购物篮重新扫码', 'Ask the member to scan again for this basket'),
  ),
  'candidate-unknown': row(
    409,
    text('没有这个候选', 'There is no such candidate'),
    text('从列表中选择', 'Choose from the list'),
  ),
  'basket-held': row(
    409,
    text('购物篮正等待付款，不能更换会员', 'The basket waits for payment; its member stays'),
    text(
      '先完成或作废这笔销售，再请会员扫码',
      'Finish this sale or void it, then ask the member to scan',
    ),
  ),
  'basket-settled': row(
    409,
    text('这个购物篮已经结账', "This basket's sale is already booked"),
    text(
      '不指定购物篮重新识别，或使用新的购物篮编号',
      'Identify without a basketId, or use the id of the next basket',
    ),
  ),
  'mixed-currency': row(
    422,
    text('购物篮里有不同的币种', 'The basket mixes currencies'),
    text('每种货币单独结账', 'Check out each currency by itself'),
  ),
  'wrong-currency': row(
    422,
    text('币种与门店不符', "The currency is not the store's"),
    text('使用门店的币种', "Use the store's currency"),
  ),
  'duplicate-line': row(
    422,
    text('行号重复', 'Two lines have the same lineId'),
    text('为每行使用不同的行号', 'Give each line its own lineId'),
  ),
  'amount-too-large': row(
    422,
    text('金额太大', 'The amount is too large'),
    text('分成几个购物篮', 'Split the basket'),
  ),
  'payment-code': row(
    422,
    text('这里不能出现付款码', 'A payment code may not stand here'),
    text(
      '付款码只交给收款程序；这里请填优惠券码或商品编码',
      'Give payment codes to the program that takes payment; send a coupon code or an article number here',
    ),
  ),
  'rules-missing': row(
    503,
    text('本机还没有权益规则', 'This till has no rule set yet'),
    text('安装规则或等待同步', 'Install a rule set or wait for the sync'),
  ),
  'evaluation-unknown': row(
    404,
    text('没有这次权益计算', 'This evaluation is unknown'),
    text('重新计算购物篮', 'Evaluate the basket again'),
  ),
  'evaluation-expired': row(
    410,
    text('这次权益计算已过期', 'This evaluation has expired'),
    text(
      '请重新计算；如果已经收款，请在收银程序中补录这笔付款',
      'Evaluate again; if it was paid, commit with `payment`',
    ),
  ),
  'evaluation-voided': row(
    409,
    text('这次权益计算已作废', 'This evaluation was voided'),
    text(
      '请重新计算；如果已经收款，请在收银程序中补录这笔付款',
      'Evaluate again; if it was paid, commit with `payment`',
    ),
  ),
  'evaluation-committed': row(
    409,
    text('这次权益计算已入账', 'This evaluation is already committed'),
    text(
      '查询原来的入账；退货请用 returns',
      'Ask for the commit by its key; use returns to take goods back',
    ),
  ),
  'not-held': row(
    409,
    text('付款前没有先保留', 'The evaluation was not held before payment'),
    text('先调用 hold', 'Call hold first'),
  ),
  'basket-changed': row(
    409,
    text('购物篮与计算时不同', 'The basket is not the one that was evaluated'),
    text('重新计算后再提交', 'Evaluate the basket again'),
  ),
  'allowance-refused': row(
    409,
    text('积分或优惠券已不可用', 'Points or a coupon can no longer be used'),
    text('重新计算购物篮', 'Evaluate the basket again'),
  ),
  'key-reused': row(
    409,
    text('同一个 Idempotency-Key 用于不同内容', 'The same Idempotency-Key came with another body'),
    text('每次操作使用新的键', 'Use a new key for each operation'),
  ),
  'key-unknown': row(
    404,
    text('此程序没有用这个键入账', 'This program committed nothing under this key'),
    text(
      '用同一个键和同样的内容再提交一次；同一次计算只会入账一次',
      'Send the same commit again; an evaluation is booked once',
    ),
  ),
  'sale-unknown': row(
    404,
    text('本机没有这笔销售', 'This till has no such sale'),
    text(
      '核对小票末行的交易号；其他收银台售出的商品请到那台收银台退货',
      'Check the sale number in the last line of the receipt; goods that another till sold go back there',
    ),
  ),
  'sale-erased': row(
    410,
    text('这笔销售的会员数据已删除', "The member's data of this sale was erased"),
    text(
      '金额仍在台账中；原因已无法查询',
      'Its amounts stay in the ledger; its reasons cannot be told any more',
    ),
  ),
  'rules-gone': row(
    410,
    text('本机已没有当时的权益规则', 'The rules of that day are not on this till any more'),
    text('请到总部查询这笔交易', 'Ask headquarters about this sale'),
  ),
  'rule-unknown': row(
    404,
    text('这套规则里没有这条规则', 'There is no such rule in the rule set of this basket'),
    text(
      'data.nearest 列出了相近的规则编号；不填 ruleId 则列出全部',
      '`data.nearest` names rules with a similar id; leave `ruleId` out to see all',
    ),
  ),
  'entry-broken': row(
    503,
    text('这笔账目无法读取', 'This entry cannot be read'),
    text(
      '运行 till doctor 检查台账，并联系技术支持',
      'Run `till doctor` to check the ledger, and call support',
    ),
  ),
  'sale-voided': row(
    409,
    text('这笔交易已作废，没有可退的商品', 'This sale was voided: there is nothing to give back'),
    text('核对小票号；作废的交易没有收款', 'Check the receipt; a voided sale took no money'),
  ),
  'sale-not-here': row(
    409,
    text(
      '这笔销售不在本机，现在无法核对',
      'This sale is not at this till and cannot be looked up at the moment',
    ),
    text(
      '等连上总部后再退，或到售出这笔商品的收银台办理；不要凭小票估算退款',
      'Try again once headquarters is reached, or return the goods at the till that sold them; never pay back a guess',
    ),
  ),
  'return-window-over': row(
    409,
    text('已过退货期限', 'The time for returns of this sale is over'),
    text('请店长按门店规定处理', 'Ask a manager what the store allows'),
  ),
  'return-article-differs': row(
    422,
    text('退回的商品不是这一行售出的商品', 'The article is not the one that this line sold'),
    text(
      '请核对实物与小票，选择商品所在的那一行',
      'Compare the goods with the receipt and choose the line on which they stand',
    ),
  ),
  'return-quote-differs': row(
    409,
    text('退款与报价不同了', 'The return would not pay what the quote said'),
    text(
      '请重新计算，把新的金额告诉顾客，再确认一次',
      'Work it out again, tell the shopper the fresh amount, then confirm it',
    ),
  ),
  'return-elsewhere': row(
    409,
    text(
      '这笔销售的退货正在或已经在别的收银台办理',
      'Goods of this sale are being returned, or this return was booked, at another till',
    ),
    text('请核对那台收银台上的退货，稍后再试', 'Look at the return at that till, then try again'),
  ),
  'gift-not-due': row(
    422,
    text('退回的赠品多于应退的', 'More of the gift comes back than is due'),
    text('只收应退的件数，多出的还给顾客', 'Take what is due and hand the rest to the shopper'),
  ),
  'return-too-much': row(
    422,
    text('退货数量超过未退数量', 'More units are returned than are left'),
    text(
      '请减少退货数量，最多退完这一行未退的件数',
      'Return fewer units: at most what is left of this line',
    ),
  ),
  'return-differs': row(
    409,
    text('同一个退货编号用于不同内容', 'The same returnId came with another body'),
    text('为新的退货使用新的编号', 'Use a new returnId'),
  ),
  'candidate-unconfirmed': row(
    409,
    text('人脸只是提示，不能凭它选定会员', 'A face only suggests; nobody is chosen by it'),
    text(
      '请会员报手机号或出示会员卡，再用同一 identificationId 提交',
      'Ask for the phone number or the card and send it with the same identificationId',
    ),
  ),
  'face-off': row(
    409,
    text('本店没有启用人脸', 'This till does not use faces'),
    text('请用会员卡或手机号', 'Use the card or the phone number'),
  ),
  'face-session-open': row(
    409,
    text('正在进行另一次人脸识别', 'Another face session is under way'),
    text('等它结束或先取消', 'Wait for its end or cancel it first'),
  ),
  'face-session-unknown': row(
    404,
    text('没有这次人脸识别，或已结束', 'There is no such face session, or it is over'),
    text('需要时重新开始', 'Begin again where it is needed'),
  ),
  'face-member-needed': row(
    409,
    text('还不知道是哪位会员', 'It is not known which member this is about'),
    text('先用会员卡或手机号识别会员', 'Identify the member by card or phone first'),
  ),
  'face-member-there': row(
    409,
    text('这笔交易已有会员', 'This sale has a member already'),
    text('要换人请先清除会员', 'Clear the member first, to serve somebody else'),
  ),
  'face-not-enrolled': row(
    409,
    text('这位会员没有在这里登记人脸', 'This member is not enrolled here'),
    text('请用其他方式核实', 'Take another proof'),
  ),
  'face-minor': row(
    409,
    text('未成年或年龄不明，不能使用人脸', 'A minor, or of unknown age: no face is used'),
    text('请用会员卡或手机号', 'Use the card or the phone number'),
  ),
  'member-inactive': row(
    409,
    text('会员资格已停用或过期', 'This membership is blocked or over'),
    text('请会员先联系客服恢复资格', 'The member has to have it restored first'),
  ),
  'face-captures': row(
    409,
    text('这几张画面不够好，不能登记', 'These captures are not good enough to enrol'),
    text('请会员独自面对镜头，重新拍摄', 'Let the member face the camera alone and capture again'),
  ),
  'face-duplicate': row(
    409,
    text('不能登记这张人脸', 'This face cannot be enrolled'),
    text(
      '请客服核对会员账户，先用其他方式',
      'Let the service desk look into it; take another proof',
    ),
  ),
  'face-full': row(
    409,
    text('已达到人脸数量上限，不再登记', 'The limit of stored faces is reached'),
    text('请通知法务备案；会员用其他方式', 'Tell the lawyer, who has to file; take another proof'),
  ),
  'face-busy': row(
    503,
    text('人脸比对暂时没有响应', 'The comparison of faces does not answer at present'),
    text('稍后再试，或用其他方式', 'Try again soon, or take another proof'),
  ),
  'face-withdrawn': row(
    409,
    text('会员已撤回同意', 'The member has taken the consent back'),
    text('会员愿意时重新开始', 'Begin again only where the member wants it'),
  ),
  'face-attempts': row(
    429,
    text('短时间内尝试次数太多', 'Too many attempts in a short time'),
    text('请用会员卡或手机号，稍后再试', 'Use the card or the phone number, and try later'),
  ),
  'capture-order': row(
    409,
    text('画面数据的顺序不对', 'The message is not the one that comes next'),
    text('重新打开拍摄通道', 'Open the capture channel again'),
  ),
  'capture-sealed': row(
    400,
    text('画面数据无法解封', 'The message cannot be opened'),
    text('重新打开拍摄通道', 'Open the capture channel again'),
  ),
  'capture-descriptor': row(
    400,
    text('特征数据不可用', 'The descriptor cannot be used'),
    text('检查拍摄页面的模型是否与本机一致', 'Check that the page runs the model of this till'),
  ),
  'capture-full': row(
    429,
    text('这次识别的画面太多', 'This session has had too many messages'),
    text('重新开始一次', 'Begin another session'),
  ),
  'events-gone': row(
    410,
    text('要续传的事件已清理', 'The events to resume from were pruned'),
    text('从当前位置重新开始', 'Start again from the present'),
  ),
  'device-unknown': row(
    404,
    text('没有这个设备', 'There is no such device'),
    text('检查设备编号', 'Check the device id'),
  ),
  'device-not-simulated': row(
    409,
    text('只有模拟设备可以这样操作', 'Only a simulated device can do that'),
    text('选择模拟扫码枪', 'Choose the simulated scanner'),
  ),
  'device-gone': row(
    409,
    text('这个设备已经不在了', 'This device is not plugged in any more'),
    text('插好数据线，再重新查找', 'Plug it in and look for devices again'),
  ),
  'device-not-bindable': row(
    409,
    text('这个设备现在还不能使用', 'This device cannot be used as it is'),
    text('按设备旁的提示设置后再试', 'Set it up as the hint beside it says, then try again'),
  ),
  'device-in-use': row(
    409,
    text('这个设备已有其他用途', 'This device has another role already'),
    text('先解除它原来的绑定', 'Take it out of that role first'),
  ),
  'binding-unknown': row(
    404,
    text('没有可以解除或撤销的绑定', 'There is no binding to remove or to undo'),
    text('刷新设备页面后再看', 'Look at the device page again'),
  ),
  'devices-unreachable': row(
    503,
    text('设备程序没有应答', 'The device program does not answer'),
    text('它会自动重新启动，请稍后再试', 'It is started again by itself; try again in a moment'),
  ),
  'storage-full': row(
    507,
    text('磁盘已满，未写入任何内容', 'The disk is full; nothing was written'),
    text('清理磁盘后重试同一请求', 'Free disk space, then send the same request again'),
  ),
  'storage-failed': row(
    503,
    text(
      '无法写入数据库，未写入任何内容',
      'The database could not be written; nothing was written',
    ),
    text('运行 till doctor 查看原因', 'Run `till doctor` to see why'),
  ),
  busy: row(503, text('正忙', 'The till is busy'), text('稍后重试', 'Try again in a moment')),
  internal: row(
    500,
    text('程序出错', 'Something broke inside'),
    text('重试；若仍出错请联系技术支持', 'Try again; if it happens again call support'),
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** An expected failure on its way to a caller. `field` is a dotted path into the request. */
export interface Failure {
  readonly code: ErrorCode;
  readonly field?: string;
  /** Facts for the caller, e.g. `{ retryAfterSeconds: 30 }` or a fresh evaluation. Never personal data. */
  readonly data?: Record<string, unknown>;
}

/** A failure with the given code. */
export function failure(code: ErrorCode, field?: string, data?: Record<string, unknown>): Failure {
  return {
    code,
    ...(field === undefined ? {} : { field }),
    ...(data === undefined ? {} : { data }),
  };
}

/** What every error looks like on the wire: `{ code, message, hint, field?, data? }`. */
export const errorBodySchema = z.object({
  code: z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]),
  message: textSchema,
  hint: textSchema,
  field: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** The wire form of a failure. */
export function toErrorBody(f: Failure): ErrorBody {
  const { message, hint } = ERRORS[f.code];
  return {
    code: f.code,
    message,
    hint,
    ...(f.field === undefined ? {} : { field: f.field }),
    ...(f.data === undefined ? {} : { data: f.data }),
  };
}
