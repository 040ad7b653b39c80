import type { Effect } from '../../contract/effects.ts';
import { BASE_BUCKET } from '../../contract/member.ts';
import { unreachable } from '../../contract/result.ts';
import type { Rule } from '../../contract/rules.ts';
import { type Text, text } from '../../contract/text.ts';
import { conjuncts } from '../../domain/benefits/condition/conjuncts.ts';
import { formatMinor } from '../../domain/benefits/format-money.ts';
import { tierName } from '../../domain/benefits/wanted-words.ts';
import { type HandbookNames, termWords } from './handbook-terms.ts';

/** What a rule gives, in plain words. */
export function effectWords(effect: Effect, currency: string): Text {
  const money = (amountMinor: number): string => formatMinor(amountMinor, currency);
  switch (effect.kind) {
    case 'percent-off-items':
    case 'percent-off-order':
      return percentOff(effect.percentBp);
    case 'percent-off-cheapest-unit': {
      const { units, perUnits } = effect;
      const off = percentOff(effect.percentBp);
      const each =
        perUnits === undefined
          ? text('', '')
          : text(`每 ${perUnits} 件中`, `of every ${perUnits} units `);
      return text(
        `${each['zh-CN']}最便宜的 ${units} 件${off['zh-CN']}`,
        `${each.en}the cheapest ${units} ${off.en}`,
      );
    }
    case 'quantity-groups': {
      const off =
        effect.percentBp === undefined
          ? amountOff(effect.amountPerUnitMinor ?? 0)
          : percentOff(effect.percentBp);
      return text(
        `每满 ${effect.groupSize} 件，每件${off['zh-CN']}`,
        `in groups of ${effect.groupSize}, each unit ${off.en}`,
      );
    }
    case 'buy-x-get-y': {
      const off = percentOff(effect.get.percentBp);
      return text(
        `买 ${effect.buy.qty} 件，另外 ${effect.get.qty} 件${off['zh-CN']}`,
        `buy ${effect.buy.qty}, ${effect.get.qty} more ${off.en}`,
      );
    }
    case 'bundle':
      return bundleWords(effect, currency);
    case 'every-amount-off': {
      const { everyMinor, amountMinor, maxTimes } = effect;
      const most =
        maxTimes === undefined
          ? text('', '')
          : text(`，最多 ${maxTimes} 次`, `, ${maxTimes} times at most`);
      return text(
        `每满 ${money(everyMinor)} 减 ${money(amountMinor)}${most['zh-CN']}`,
        `${money(amountMinor)} off for each full ${money(everyMinor)}${most.en}`,
      );
    }
    case 'voucher-value':
      return text('抵扣券面金额', 'takes off the value of the voucher');
    case 'fixed-off-items':
      return text(
        `每件减 ${money(effect.amountMinor)}`,
        `${money(effect.amountMinor)} off each unit`,
      );
    case 'fixed-off-order':
      return amountOff(effect.amountMinor);
    case 'points-multiplier':
      return text(
        `积分 ${effect.factorBp / 10_000} 倍`,
        `points times ${effect.factorBp / 10_000}`,
      );
    case 'points-earn': {
      const { points, perMinor, pendingDays = 0 } = effect;
      const named = bucketName(effect.bucket);
      const waits =
        pendingDays === 0
          ? text('', '')
          : text(`，${pendingDays} 天后可用`, `, to spend after ${pendingDays} days`);
      return text(
        `每 ${money(perMinor)} 得 ${points} ${named['zh-CN']}积分${waits['zh-CN']}`,
        `${points} ${named.en}points for each ${money(perMinor)}${waits.en}`,
      );
    }
    case 'points-redeem': {
      const named = bucketName(effect.bucket);
      const least =
        effect.minPoints === 0
          ? text('', '')
          : text(`，${effect.minPoints} 积分起`, `, from ${effect.minPoints} points`);
      return text(
        `每 1 ${named['zh-CN']}积分抵 ${money(effect.minorPerPoint)}${least['zh-CN']}`,
        `each ${named.en}point pays ${money(effect.minorPerPoint)}${least.en}`,
      );
    }
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
    case 'gift-item': {
      const { buy, gift, repeat } = effect;
      const worth =
        gift.valueMinor === undefined
          ? text('', '')
          : text(`（价值 ${money(gift.valueMinor)}）`, ` (worth ${money(gift.valueMinor)})`);
      const each = repeat ? text('每', 'every') : text('', '');
      return text(
        `${each['zh-CN']}买 ${buy.qty} 件赠 ${gift.sku} × ${gift.qty}${worth['zh-CN']}`,
        `gift ${gift.sku} × ${gift.qty}${worth.en} with ${each.en === '' ? '' : `${each.en} `}${buy.qty} bought`,
      );
    }
    case 'entitlement':
      return rightWords(effect);
    case 'month-ladder': {
      const { months, fromMinor, tier, entitlements } = effect;
      const name = tierName(tier);
      return list([
        text(
          `连续 ${months} 个月每月满 ${money(fromMinor)} 升为${name['zh-CN']}`,
          `${name.en} after ${months} months in a row from ${money(fromMinor)} each`,
        ),
        ...entitlements.map(rightWords),
      ]);
    }
    case 'spend-tier':
      return list(
        effect.steps.map(({ tier, fromMinor }) => {
          const name = tierName(tier);
          return text(
            `年消费满 ${money(fromMinor)} 升为${name['zh-CN']}`,
            `${name.en} from ${money(fromMinor)} spent in the year`,
          );
        }),
      );
    case 'donation':
      return text(
        `每满 ${money(effect.perMinor)}，本店捐 ${money(effect.amountMinor)}（${effect.cause}）`,
        `for each full ${money(effect.perMinor)} the shop gives ${money(effect.amountMinor)} (${effect.cause})`,
      );
    case 'member-price':
      return text(`${effect.prices.length} 个会员价`, `${effect.prices.length} member prices`);
    default:
      return unreachable(effect);
  }

  function amountOff(amountMinor: number): Text {
    return text(`减 ${money(amountMinor)}`, `${money(amountMinor)} off`);
  }
}

function bundleWords(effect: Extract<Effect, { kind: 'bundle' }>, currency: string): Text {
  const { parts, priceMinor, percentBp, amountMinor } = effect;
  const count = parts.reduce((units, part) => units + part.qty, 0);
  const set = text(`${count} 件一套`, `a set of ${count} units`);
  if (percentBp !== undefined) {
    const off = percentOff(percentBp);
    return text(`${set['zh-CN']}${off['zh-CN']}`, `${set.en} ${off.en}`);
  }
  const sum = formatMinor(priceMinor ?? amountMinor ?? 0, currency);
  return priceMinor === undefined
    ? text(`${set['zh-CN']}减 ${sum}`, `${sum} off ${set.en}`)
    : text(`${set['zh-CN']} ${sum}`, `${set.en} for ${sum}`);
}

/** `base` points are simply points. */
function bucketName(bucket: string): Text {
  return bucket === BASE_BUCKET ? text('', '') : text(`${bucket} `, `${bucket} `);
}

/** Days are counted from the sale. */
function rightWords({
  entitlement,
  validDays,
}: {
  readonly entitlement: string;
  readonly validDays?: number | undefined;
}): Text {
  return validDays === undefined
    ? text(`权益 ${entitlement}`, `the right ${entitlement}`)
    : text(
        `权益 ${entitlement}，有效 ${validDays} 天`,
        `the right ${entitlement} for ${validDays} days`,
      );
}

/** When and for whom a rule holds, one phrase a term. */
export function conditionWords(rule: Rule, names: HandbookNames): Text[] {
  const terms = rule.condition === null ? [] : conjuncts(rule.condition);
  return [...terms.flatMap((term) => termWords(term, names) ?? []), ...windowWords(rule)];
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
