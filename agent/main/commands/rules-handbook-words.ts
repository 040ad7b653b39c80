import type { ComparisonNode, Condition } from '../../contract/condition.ts';
import type { Effect } from '../../contract/effects.ts';
import type { Rule } from '../../contract/rules.ts';
import { type Text, text } from '../../contract/text.ts';
import { conditionText } from '../../domain/benefits/condition/condition-text.ts';
import { conjuncts } from '../../domain/benefits/condition/conjuncts.ts';
import { formatMinor } from '../../domain/benefits/format-money.ts';
import { tierName } from '../../domain/benefits/wanted-words.ts';

/** What a rule gives, in plain words. */
export function effectWords(effect: Effect, currency: string): Text {
  const money = (amountMinor: number): string => formatMinor(amountMinor, currency);
  switch (effect.kind) {
    case 'percent-off-items':
    case 'percent-off-order':
      return percentOff(effect.percentBp);
    case 'percent-off-cheapest-unit': {
      const off = percentOff(effect.percentBp);
      return text(`最便宜的一件${off['zh-CN']}`, `the cheapest unit ${off.en}`);
    }
    case 'fixed-off-items':
      return text(
        `每件减 ${money(effect.amountMinor)}`,
        `${money(effect.amountMinor)} off each unit`,
      );
    case 'fixed-off-order':
      return text(`减 ${money(effect.amountMinor)}`, `${money(effect.amountMinor)} off`);
    case 'points-multiplier':
      return text(
        `积分 ${effect.factorBp / 10_000} 倍`,
        `points times ${effect.factorBp / 10_000}`,
      );
    case 'points-earn':
      return text(
        `每 ${money(effect.perMinor)} 得 ${effect.points} 积分`,
        `${effect.points} points for each ${money(effect.perMinor)}`,
      );
    case 'points-redeem':
      return text(
        `每 1 积分抵 ${money(effect.minorPerPoint)}`,
        `each point pays ${money(effect.minorPerPoint)}`,
      );
    case 'tiered-fixed-order':
      return list(
        effect.steps.map(({ fromMinor, amountMinor }) =>
          text(
            `满 ${money(fromMinor)} 减 ${money(amountMinor)}`,
            `${money(amountMinor)} off from ${money(fromMinor)}`,
          ),
        ),
      );
    case 'tiered-percent-items':
      return list(
        effect.steps.map(({ fromMinor, percentBp }) => {
          const off = percentOff(percentBp);
          return text(
            `满 ${money(fromMinor)} ${off['zh-CN']}`,
            `${off.en} from ${money(fromMinor)}`,
          );
        }),
      );
    case 'gift-item':
      return text(
        `赠品 ${effect.gift.sku} × ${effect.gift.qty}`,
        `gift ${effect.gift.sku} × ${effect.gift.qty}`,
      );
    case 'member-price':
      return text(`${effect.prices.length} 个会员价`, `${effect.prices.length} member prices`);
    default:
      // Deals that a figure does not tell are told by the rule's own name.
      return text('', '');
  }
}

/** When and for whom a rule holds, one phrase a term. */
export function conditionWords(rule: Rule, currency: string): Text[] {
  const terms = rule.condition === null ? [] : conjuncts(rule.condition);
  return [...terms.map((term) => termWords(term, currency)), ...windowWords(rule)];
}

function termWords(term: Condition, currency: string): Text {
  if (term.op === 'or') {
    const ways = term.args.map((arg) => conjuncts(arg).map((one) => termWords(one, currency)));
    const words = ways.map(list);
    return text(
      words.map((way) => way['zh-CN']).join(' 或 '),
      words.map(({ en }) => en).join(' or '),
    );
  }
  if (term.op === 'in') return membershipWords(term) ?? code(term);
  if (term.op === 'var') return FLAGS[term.name] ?? code(term);
  if (isComparison(term)) return comparisonWords(term, currency) ?? code(term);
  return code(term);
}

const FLAGS: Readonly<Record<string, Text>> = {
  'member.known': text('限会员', 'for members'),
  'member.birthdayToday': text('生日当天', 'on the birthday'),
  'member.birthdayMonth': text('生日当月', 'in the birthday month'),
};

const LISTS: Readonly<Record<string, Text>> = {
  'member.groups': text('会员群组', 'members of the group'),
  'member.tags': text('会员标签', 'members with the tag'),
  'scene.tags': text('日历', 'on the day'),
};

function membershipWords({ left, right }: ComparisonNode): Text | null {
  if (right.op === 'var' && right.name === 'codes') {
    // A code that works is handed out by whoever gives the coupon, not by the handbook.
    return text('凭券', 'with the coupon');
  }
  if (right.op === 'var' && left.op === 'string') {
    const name = LISTS[right.name];
    return name === undefined
      ? null
      : text(`${name['zh-CN']}：${left.value}`, `${name.en} ${left.value}`);
  }
  if (left.op !== 'var' || left.name !== 'member.tier' || right.op !== 'list') return null;
  const names = right.items.map((item) => tierName(item.op === 'string' ? item.value : ''));
  return text(
    names.map((name) => name['zh-CN']).join('、'),
    names.map((name) => name.en).join(', '),
  );
}

function comparisonWords({ op, left, right }: ComparisonNode, currency: string): Text | null {
  if (left.op === 'var' && left.name === 'member.tier' && right.op === 'string') {
    const name = tierName(right.value);
    if (op === 'ne') return text(`${name['zh-CN']}除外`, `not for ${name.en}`);
    return op === 'eq' ? name : null;
  }
  if (left.op === 'var' && left.name === 'now.day' && op === 'eq' && right.op === 'int')
    return text(`每月 ${right.value} 日`, `on day ${right.value} of the month`);
  if (op !== 'ge' || right.op !== 'int' || (left.op !== 'var' && left.op !== 'call')) return null;
  const about =
    left.op === 'call' ? text(`「${left.selector}」`, ` of "${left.selector}"`) : text('', '');
  if (/[mM]inor$/i.test(left.name)) {
    const money = formatMinor(Number(right.value), currency);
    return left.name.includes('yearSpend')
      ? text(`年消费满 ${money}`, `from a spend of ${money} in the year`)
      : text(`${about['zh-CN']}满 ${money}`, `from ${money}${about.en}`);
  }
  if (!/(^|\.)qty$/.test(left.name)) return null;
  return text(`${about['zh-CN']}满 ${right.value} 件`, `from ${right.value} units${about.en}`);
}

function windowWords({ window = {} }: Rule): Text[] {
  const { from, to, weekdays, daily } = window;
  const moment = (value: string): string => value.replace('T', ' ');
  const names = '一二三四五六日';
  const english = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  return [
    ...(from === undefined ? [] : [text(`${moment(from)} 起`, `from ${moment(from)}`)]),
    ...(to === undefined ? [] : [text(`至 ${moment(to)}`, `until ${moment(to)}`)]),
    ...(weekdays === undefined
      ? []
      : [
          text(
            `周${weekdays.map((day) => names[day - 1]).join('、')}`,
            weekdays.map((day) => english[day - 1]).join(', '),
          ),
        ]),
    ...(daily === undefined
      ? []
      : [text(`${daily.from}-${daily.to}`, `${daily.from} to ${daily.to}`)]),
  ];
}

function percentOff(percentBp: number): Text {
  return text(`减 ${percentBp / 100}%`, `${percentBp / 100} % off`);
}

function list(parts: readonly Text[]): Text {
  return text(
    parts.map((part) => part['zh-CN']).join('，'),
    parts.map((part) => part.en).join(', '),
  );
}

function code(term: Condition): Text {
  const written = conditionText(term);
  return text(written, written);
}

function isComparison(node: Condition): node is ComparisonNode {
  return 'left' in node && ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(node.op);
}
