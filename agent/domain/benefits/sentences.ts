import type { Calendar } from '../../contract/calendar.ts';
import type { Effect } from '../../contract/effects.ts';
import type { Evaluation, ReasonCode } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { POINTS_MAX } from '../../contract/money.ts';
import { assert } from '../../contract/result.ts';
import type { Rule } from '../../contract/rules.ts';
import { type Text, text } from '../../contract/text.ts';
import { BASE_BUCKET } from '../points/lots.ts';
import { codeNotices, VOUCHER_TEXTS } from './code-notices.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import type { Failure, Wanted } from './condition/explain-term.ts';
import { withUnit } from './format-money.ts';
import { metReason } from './met-reason.ts';
import { rightOf } from './right-of.ts';
import type { Run, Settled } from './run-state.ts';
import {
  channelText,
  dateText,
  daysSinceText,
  groupText,
  orderNumberText,
  sceneText,
  tierText,
  timeText,
  weekdayText,
} from './wanted-words.ts';

/** What a sentence can be made of. */
interface Words {
  readonly settled: Settled;
  readonly reason: Failure;
  readonly currency: string;
  /** Names the festivals. */
  readonly calendar: Calendar | undefined;
  /** Name of the rule that won or silences. */
  readonly winner: Text;
  readonly rule: Rule;
  /** Why the rule applies, worked out only where it is said. */
  readonly met: () => Text | null;
  /** Why the rule's lane is withheld from this member, where it is. */
  readonly withheld: Text | undefined;
  /** What the rule gives to its cause. */
  readonly donatedMinor: number;
}
type Template = (words: Words) => Text;

const fixed = (zhCN: string, en: string): Template => {
  const sentence = text(zhCN, en);
  return () => sentence;
};
/** What the term asked for, in words. */
const wants =
  (say: (wanted: Wanted | undefined) => Text): Template =>
  ({ reason }) =>
    say(reason.wanted);
/** A moment of the rule's own window, `2026-11-11` or `2026-11-11T08:00`. */
const moment =
  (zhCN: string, en: string): Template =>
  ({ reason }) => {
    const when = (reason.needed ?? '').replace('T', ' ');
    return text(`${zhCN}：${when}`, `${en}: ${when}`);
  };
/** An amount that is missing or too much. */
const money =
  (zhCN: string, en: string): Template =>
  ({ reason, currency }) => {
    const amount = withUnit(Math.abs(reason.difference ?? 0), currency);
    return text(zhCN.replace('{}', amount['zh-CN']), en.replace('{}', amount.en));
  };
const count =
  (zhCN: string, en: string): Template =>
  ({ reason }) => {
    const difference = String(Math.abs(reason.difference ?? 0));
    return text(zhCN.replace('{}', difference), en.replace('{}', difference));
  };

/** One sentence for the cashier by reason code; every code has one. */
const TEMPLATES: Readonly<Record<ReasonCode, Template>> = {
  applied: appliedText,
  'lost-to': ({ winner }) =>
    text(`已选用更优惠的“${winner['zh-CN']}”`, `"${winner.en}" gives more`),
  exclusive: ({ winner }) =>
    text(`不能与“${winner['zh-CN']}”同时使用`, `Cannot be combined with "${winner.en}"`),
  'no-effect': ({ reason }) =>
    reason.difference === undefined
      ? text('没有可优惠的商品或金额', 'Nothing in the basket that it could reduce')
      : text(`还差 ${reason.difference} 件`, `${reason.difference} more items needed`),
  budget: fixed('活动预算已用完', 'The campaign money is used up'),
  condition: fixed('不满足活动条件', 'Its conditions are not met'),
  'code-missing': fixed('未出示优惠码', 'The code was not presented'),
  'coupon-used': ({ rule: { coupon } }) =>
    typeof coupon?.uses === 'object'
      ? text('这张券的使用次数已满', 'This coupon has been used as often as it may be')
      : text('这张券已用过', 'This coupon was used before'),
  'coupon-expired': fixed('这张券已过期', 'This coupon has expired'),
  'coupon-unknown': fixed('没有这张券', 'There is no such coupon'),
  'coupon-serial': fixed(
    '这张券没有序列号，不能核销，请扫描完整的券码',
    'This coupon has no serial number, so it cannot be told from others; scan the whole code',
  ),
  'voucher-foreign': () => VOUCHER_TEXTS.foreign,
  'voucher-altered': () => VOUCHER_TEXTS.altered,
  'voucher-revoked': () => VOUCHER_TEXTS.revoked,
  'voucher-not-yet': () => VOUCHER_TEXTS['not-yet'],
  'voucher-expired': () => VOUCHER_TEXTS.expired,
  'voucher-other-member': () => VOUCHER_TEXTS['other-member'],
  'voucher-used': () => VOUCHER_TEXTS.used,
  'voucher-no-value': fixed('这张券没有写明面值', 'This voucher does not say what it is worth'),
  'allowance-unreachable': unreachableText,
  'allotment-exhausted': fixed('本店名额已用完', "This store's allotment is used up"),
  'not-started': moment('还没开始，开始时间', 'Not started; it starts'),
  expired: moment('已过期，截止时间', 'Expired; it ended'),
  'wrong-weekday': wants(weekdayText),
  'wrong-time': wants(timeText),
  'wrong-date': wants(dateText),
  scene: ({ reason, calendar }) => sceneText(reason.wanted, calendar?.festivals ?? []),
  'scene-unknown': fixed('营业日历不包括今天', 'The calendar does not cover today'),
  weather: fixed('今天的天气不适用', "Not in today's weather"),
  'usage-limit': fixed('使用次数已满', 'It has been used as often as allowed'),
  'member-usage-limit': fixed('会员的使用次数已满', 'The member has used it as often as allowed'),
  'member-unknown': fixed('请先识别会员', 'Identify the member first'),
  'member-tier': wants(tierText),
  'member-group': wants(groupText),
  // Tags are how the chain sees a member; they are not named at the counter.
  'member-tag': fixed('会员不在适用范围内', 'The member is not among those that it is for'),
  'order-number': wants(orderNumberText),
  birthday: fixed('不在生日期间', "Not the member's birthday"),
  'min-year-spend': money('年度消费还差 {}', "{} more in this year's spend"),
  'max-year-spend': money('年度消费超出 {}', "{} too much in this year's spend"),
  'min-month-spend': money('本月消费还差 {}', "{} more in this month's spend"),
  'max-month-spend': money('本月消费超出 {}', "{} too much in this month's spend"),
  'min-last-month-spend': money('上月消费少 {}', "{} too little in last month's spend"),
  'max-last-month-spend': money('上月消费多 {}', "{} too much in last month's spend"),
  'min-days-since': wants(daysSinceText),
  'max-days-since': wants(daysSinceText),
  'ladder-month': money('本月消费还差 {}', '{} more this month'),
  'ladder-gap': ({ rule: { effect }, currency }) => ladderGapText(effect, currency),
  'min-subtotal': money('还差 {}', '{} more'),
  'max-subtotal': money('超出 {}', '{} too much'),
  'min-running-subtotal': money('优惠后还差 {}', '{} more after other discounts'),
  'max-running-subtotal': money('优惠后超出 {}', '{} too much after other discounts'),
  'min-qty': count('还差 {} 件', '{} more items'),
  'max-qty': count('超出 {} 件', '{} items too many'),
  'min-amount-of': money('指定商品还差 {}', '{} more of the chosen articles'),
  'max-amount-of': money('指定商品超出 {}', '{} too much of the chosen articles'),
  'min-running-amount-of': money(
    '指定商品优惠后还差 {}',
    '{} more of the chosen articles after other discounts',
  ),
  'max-running-amount-of': money(
    '指定商品优惠后超出 {}',
    '{} too much of the chosen articles after other discounts',
  ),
  contains: fixed('购物篮里没有指定商品', 'None of the chosen articles is in the basket'),
  'return-sale': fixed('退货单不适用', 'Not on a return'),
  channel: wants(channelText),
  store: fixed('本店不适用', 'Not in this store'),
  'store-tier': fixed('本店的门店等级不适用', "Not in stores of this store's tier"),
  'proof-needed': ({ withheld }) =>
    withheld ?? text('请会员进一步证明身份', 'The member has to prove more'),
  'points-not-requested': fixed('会员没有要求使用积分', 'The member did not ask to spend points'),
  'points-balance': pointsBalanceText,
  'min-points': count('起用积分还差 {}', '{} more points to reach the least that can be spent'),
};

const NOBODY = text('', '');

/** The sentence for one outcome, in every language. */
export function outcomeText(run: Run, { rule, gate }: CompiledRule, settled: Settled): Text {
  const { currency, calendar } = run.compiled.ruleSet;
  return TEMPLATES[settled.reason.code]({
    settled,
    reason: settled.reason,
    currency,
    calendar,
    met: () => metReason(gate, run.facts, run.input, currency),
    winner: settled.lostTo?.rule.name ?? NOBODY,
    rule,
    withheld: run.input.withheld?.[rightOf(rule)],
    donatedMinor: run.donations.find(({ ruleId }) => ruleId === rule.id)?.amountMinor ?? 0,
  });
}

const POINTS_CAPPED = {
  code: 'points-capped',
  text: text(
    `一笔交易最多获得 ${POINTS_MAX} 积分，超出的不计`,
    `One sale earns ${POINTS_MAX} points at most; what is above is not counted`,
  ),
};

const SCENE_UNKNOWN = {
  code: 'scene-unknown',
  text: text(
    '营业日历不包括今天，按日期场景的优惠暂不能使用；请总部发布新的日历',
    'The calendar does not cover today, so benefits by scene are not given; headquarters has to publish a longer one',
  ),
};

/**
 * Facts that are nobody's fault: codes that no rule knows, articles that this till does not know, points cut off, a day
 * that the calendar does not cover though rules ask for it.
 */
export function noticesOf(
  input: EvaluationInput,
  { knownCodes, readsScene }: Pick<CompiledRuleSet, 'knownCodes' | 'readsScene'>,
  couponsUsed: readonly string[],
  pointsCapped: boolean,
): Evaluation['notices'] {
  const articles = input.lines.flatMap((line, index) =>
    line.articleKnown === false
      ? [
          {
            code: 'article-unknown',
            field: `lines.${index}`,
            text: text(
              `本机没有商品 ${line.sku} 的资料`,
              `This till does not know the article ${line.sku}`,
            ),
          },
        ]
      : [],
  );
  return [
    ...codeNotices(input, knownCodes, couponsUsed),
    ...articles,
    ...(readsScene && !input.scene.known ? [SCENE_UNKNOWN] : []),
    ...(pointsCapped ? [POINTS_CAPPED] : []),
  ];
}

/** What the member gets, and in brackets what they get it for. */
function appliedText(words: Words): Text {
  const gain = gainText(words);
  const met = words.met();
  if (met === null) return gain;
  return text(`${gain['zh-CN']}（${met['zh-CN']}）`, `${gain.en} (${met.en})`);
}

function gainText({ settled, currency, donatedMinor, rule: { effect } }: Words): Text {
  if (effect.kind === 'donation') {
    const given = withUnit(donatedMinor, currency);
    return text(
      `我们为“${effect.cause}”捐赠 ${given['zh-CN']}`,
      `We give ${given.en} to "${effect.cause}"`,
    );
  }
  if (settled.points < 0) {
    const paid = withUnit(settled.discountMinor, currency);
    return text(
      `使用 ${-settled.points} 积分，抵 ${paid['zh-CN']}`,
      `${-settled.points} points pay ${paid.en}`,
    );
  }
  if (settled.points > 0)
    return text(`获得 ${settled.points} 积分`, `${settled.points} points earned`);
  if (settled.discountMinor > 0) {
    const off = withUnit(settled.discountMinor, currency);
    return text(`优惠 ${off['zh-CN']}`, `${off.en} off`);
  }
  return text('已享受', 'Granted');
}

/** A month that has passed cannot be mended, so nothing is said to be missing. */
function ladderGapText(effect: Effect, currency: string): Text {
  assert(effect.kind === 'month-ladder', 'only ladders count months in a row');
  const { months, fromMinor } = effect;
  const least = withUnit(fromMinor, currency);
  return text(
    `需连续 ${months} 个月每月消费满 ${least['zh-CN']}，此前的月份未达到`,
    `It takes ${months} months in a row of ${least.en} each; a month before this one did not reach it`,
  );
}

/** Points of a category that the member has none of keep nobody from paying with others. */
function pointsBalanceText(words: Words): Text {
  const { effect } = words.rule;
  if (effect.kind === 'points-redeem' && effect.bucket !== BASE_BUCKET)
    return text('会员没有这类积分', 'The member has no points of this kind');
  return count('积分还差 {}', '{} more points needed')(words);
}

function unreachableText({ rule }: Words): Text {
  if (rule.effect.kind === 'points-redeem') {
    return text(
      '总部暂时联系不上，积分暂不能使用',
      'Headquarters cannot be reached; points cannot be spent at the moment',
    );
  }
  if (rule.coupon !== undefined || rule.voucher !== undefined) {
    return text(
      '总部暂时联系不上，这张券暂不能使用',
      'Headquarters cannot be reached; this coupon cannot be used at the moment',
    );
  }
  return text(
    '总部暂时联系不上，这项权益暂不能使用',
    'Headquarters cannot be reached; this benefit cannot be given at the moment',
  );
}
