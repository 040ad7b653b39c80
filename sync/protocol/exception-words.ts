import { type Text, text } from '../../agent/contract/text.ts';
import type { ExceptionCode, ExceptionDone } from './exceptions.ts';

/** A code in plain words: what happened, and what a person does next. */
interface Words {
  readonly what: Text;
  readonly next: Text;
}

const words = (zh: string, en: string, zhNext: string, enNext: string): Words => ({
  what: text(zh, en),
  next: text(zhNext, enNext),
});

/** Every kind of case, for the console and the operator's tool. */
export const EXCEPTION_WORDS: Readonly<Record<ExceptionCode, Words>> = {
  'late-commit': words(
    '顾客已付款，但交易在预留期限过后才入账',
    'The shopper had paid, but the sale was booked after its reservation had ended',
    '核对付款；若积分或优惠券因此超用，与门店商定',
    'Check the payment; where points or a coupon were used twice for it, agree with the store',
  ),
  'commit-after-void': words(
    '交易作废后又收到了付款证明',
    'Proof of payment came for a sale that had been voided',
    '核对钱款是否真的收到；重复收款要退还',
    'Check whether the money was taken; give back what was taken twice',
  ),
  'clock-set-back': words(
    '入账时收银机的时钟被调慢过',
    'The clock of the till had been set back when this was booked',
    '校准收银机时钟，核对这笔交易的时间和优惠',
    "Set the till's clock right; check time and offers of this sale",
  ),
  'payment-differs': words(
    '实付金额与应付金额不同',
    'Another amount was paid than was due',
    '若是现金抹零则无误；否则与门店核对',
    'Rounded cash is no fault; else ask the store',
  ),
  'member-unknown': words(
    '总部没有这位会员，积分暂挂在该编号下',
    'Headquarters has no such member; the points wait under that id',
    '导入或合并这位会员，积分会自动归入',
    'Import or merge the member; the points follow by themselves',
  ),
  'merge-broken': words(
    '会员被合并到一个不存在的会员',
    'The member was merged into one that is not there',
    '更正会员的合并关系',
    'Put the merge of this member right',
  ),
  'points-overdrawn': words(
    '用掉的积分比余额多',
    'More points were spent than there were',
    '下次所得积分会先抵扣；要免除请做积分调整',
    'What the member earns next pays it off; to waive it, book a points change',
  ),
  'points-differ': words(
    '积分明细与这笔账的合计不一致',
    'The points moved do not add up to what the entry says',
    '核对小票上的积分，差额用积分调整补正，并通知技术支持',
    'Compare with the receipt, book the difference as a points change, and tell support',
  ),
  'points-out-of-range': words(
    '积分数字超出可记录的范围',
    'Points beyond what can be kept',
    '核对这笔交易，用积分调整补正',
    'Check the sale and book a points change',
  ),
  'points-without-member': words(
    '积分有变动但没有会员',
    'Points moved, and nobody owns them',
    '找到小票上的会员，用积分调整补上',
    'Find the member on the receipt and book a points change',
  ),
  'lot-unknown': words(
    '用掉了总部没有记录的一批积分',
    'Points of a lot were spent that headquarters never heard of',
    '多为离线时另一笔未到的账；到齐后核对余额',
    'Mostly an entry of another till that has yet to arrive; check the balance once it has',
  ),
  'coupon-used-twice': words(
    '同一张券用了两次',
    'One coupon was used twice',
    '与门店核对两笔交易，决定是否追回优惠',
    'Look at both sales with the store; decide whether to ask the discount back',
  ),
  'voucher-used-twice': words(
    '同一张合作方代金券用了两次',
    "A partner's voucher was used twice",
    '只能向合作方结算一次；另一笔与门店核对',
    'The partner pays once; settle the other with the store',
  ),
  'pass-used-twice': words(
    '会员凭证的同一个码在两台收银机上使用',
    "One code of a member's pass was taken at two tills",
    '按明细核对两笔交易，问会员哪一笔是本人；另一笔的优惠和积分与门店商定，必要时停用凭证',
    'Look at both sales in the details and ask the member which was theirs; settle the other with its store, and end the pass if needed',
  ),
  'returned-twice': words(
    '同一批商品退了两次',
    'The same goods were taken back twice',
    '与两家门店核对实物和退款',
    'Ask both tills for the goods and the refunds',
  ),
  'returns-overlapped': words(
    '两台收银机互不知情地退了同一笔销售，退款不准',
    'Two tills took goods of one sale back without knowing of each other: the refunds are off',
    '按明细中的应退与实退，补退或追回差额',
    'Compare what was due with what was paid, and settle the difference',
  ),
  'join-differs': words(
    '有人入会时用了已属于别人的编号',
    'Somebody joined under an id that a member has already',
    '核对入会资料，必要时重新登记',
    'Check who joined; register them again where needed',
  ),
  'allowance-unknown': words(
    '用了总部没有发放过的额度',
    'A reservation was spent that headquarters never gave',
    '核对积分或券是否超用',
    'Check whether points or a coupon were used twice',
  ),
  'allowance-released': words(
    '额度已退回后又被使用',
    'A reservation was spent after it had been given back',
    '核对积分或券是否超用',
    'Check whether points or a coupon were used twice',
  ),
  'allowance-settled-twice': words(
    '同一份额度用了两次',
    'One reservation was spent twice',
    '核对两笔交易；重复的用积分调整补正',
    'Look at both sales; book a points change for the one too many',
  ),
  'other-store': words(
    '这笔账写的门店不是收银机登记的门店',
    'The entry names another store than the one of the till',
    '收银机是否搬店？到正确的门店重新注册',
    'Was the till moved? Register it for the right store',
  ),
  'currency-differs': words(
    '币种与总部不同',
    'The currency is not the one of the chain',
    '更正收银机的币种设置，核对这笔金额',
    "Put the till's currency right and check the amount",
  ),
  'clock-ahead': words(
    '收银机的日期比总部快',
    "The till's day lies ahead of headquarters'",
    '校准收银机时钟；这笔账按今天计入',
    "Set the till's clock right; the entry counts as today's",
  ),
  'ill-formed-text': words(
    '有无法保存的文字，已用替代符号入账',
    'Text that no database can keep was booked with a mark in its place',
    '多为收银程序编码错误：通知技术支持',
    'Mostly a fault of the cashier program: tell support',
  ),
  'body-unreadable': words(
    '账目的加密内容或密钥不完整',
    'The sealed part of the entry or its key is not whole',
    '保留收银机数据，通知技术支持；退货要凭纸质小票',
    'Keep the data of the till and tell support; returns need the paper receipt',
  ),
};

/** A code of a later version than this one. */
export const UNKNOWN_EXCEPTION: Words = words(
  '此版本不认识的情况',
  'A kind of case that this version does not know',
  '升级总部程序，或联系技术支持',
  'Update headquarters, or call support',
);

/** The words of a code. */
export function exceptionWords(code: string): Words {
  return Object.hasOwn(EXCEPTION_WORDS, code)
    ? EXCEPTION_WORDS[code as ExceptionCode]
    : UNKNOWN_EXCEPTION;
}

/** What can be done about a case. */
export const DONE_WORDS: Readonly<Record<ExceptionDone, Text>> = {
  'no-fault': text('已核对，没有问题', 'Looked at, nothing is wrong'),
  corrected: text('已在总部更正', 'Put right at headquarters'),
  agreed: text('已与顾客或合作方商定', 'Agreed with the shopper or the partner'),
  'till-put-right': text('收银机已修正', 'The till was put right'),
  'written-off': text('损失由公司承担', 'The loss is borne'),
};
