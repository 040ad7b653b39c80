import type { CodeClass, IdentificationOutcome } from '../../contract/identification.ts';
import { type Text, text } from '../../contract/text.ts';

type Foreign = Exclude<CodeClass, 'member'>;

const FOREIGN_CODES: Readonly<Record<Foreign, Text>> = {
  coupon: text('这是优惠券码，请加到购物篮', 'That is a coupon code; add it to the basket'),
  article: text('这是商品条码，不是会员码', "That is an article's bar code, not a member's"),
  payment: text(
    '这是付款码，不是会员码，内容不会保存',
    'That is a payment code, not a member code; it is not kept',
  ),
  unknown: text('无法识别这个码，请检查后重试', 'This code is not known; check it and try again'),
};

/** What a code that is no member's is. */
export function foreignCodeText(codeClass: Foreign): Text {
  return FOREIGN_CODES[codeClass];
}

const OUTCOMES: Readonly<Record<Exclude<IdentificationOutcome, 'not-a-member-code'>, Text>> = {
  identified: text('已识别会员', 'The member is identified'),
  ambiguous: text('有多位会员符合，请核对后选择', 'Several members fit; check and choose'),
  'too-many': text(
    '符合的会员太多，请输入更多位手机号',
    'Too many members fit; enter more digits of the phone number',
  ),
  unknown: text(
    '本机没有这位会员，可按普通顾客结账',
    'This till does not know that member; go on as a guest',
  ),
  blocked: text(
    '会员已被冻结，请联系会员服务；可按普通顾客结账',
    'The membership is blocked; ask member services, or go on as a guest',
  ),
  expired: text(
    '会员资格已到期，请续期；可按普通顾客结账',
    'The membership has expired; renew it, or go on as a guest',
  ),
  contradiction: text(
    '两次出示的凭据属于不同的会员，请清除后重新识别',
    'The proofs belong to different members; clear and identify again',
  ),
  refused: text(
    '会员码没有通过，可按普通顾客结账',
    'The pass was not accepted; go on as a guest or ask for another proof',
  ),
  released: text('会员已清除', 'The member was cleared'),
  'timed-out': text(
    '识别已超时清除，请会员重新出示',
    'The identification timed out; ask the member to show it again',
  ),
  done: text('交易完成，会员已清除', 'The sale is done and the member was cleared'),
};

/** The one sentence of state for the cashier. */
export function outcomeText(outcome: Exclude<IdentificationOutcome, 'not-a-member-code'>): Text {
  return OUTCOMES[outcome];
}

/** Facts that the cashier should say beside the outcome. */
export const NOTICES = {
  merged: text(
    '该账户已合并，使用合并后的会员',
    'This account was merged; the merged membership is used',
  ),
  mergedAway: text(
    '该账户已合并，但本机没有合并后的会员',
    'This account was merged into one that this till does not know',
  ),
  noMatch: text(
    '手机号与任何会员都不符，未加入凭据',
    'The digits fit no member; nothing was added',
  ),
  asking: text(
    '本机没有这位会员，正在询问总部',
    'This till does not know that member; headquarters is being asked',
  ),
  askedInVain: text('总部也没有这位会员', 'Headquarters does not know that member either'),
  notAsked: text(
    '本机没有这位会员，现在也联系不到总部',
    'This till does not know that member, and headquarters cannot be asked at present',
  ),
} as const satisfies Record<string, Text>;
