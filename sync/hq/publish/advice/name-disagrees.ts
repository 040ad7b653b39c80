import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';

const DIGITS = '零一二三四五六七八九';
const WHOLE_BP = 10_000;

/**
 * Rules whose name promises another percentage than they take. In Chinese 8折 means that 80 % is paid, so 20 % comes
 * off: whoever writes the 8 as percentage off gives away four times what was meant.
 */
export function adviseNames({ rules }: AdvisedSet): Advice[] {
  return rules.flatMap((one) => {
    const taken = percentOf(one);
    if (taken === null) return [];
    const [field, percentBp] = taken;
    const folds = foldsIn(one.rule.name['zh-CN']);
    const meant = folds.map((fold) => WHOLE_BP - fold);
    if (meant.length > 0 && !meant.includes(percentBp))
      return [fold(one, field, percentBp, meant[0] ?? 0)];
    const off = [...one.rule.name.en.matchAll(/(\d+(?:\.\d+)?) ?(?:%|per ?cent) off/giu)].map(
      ([, percent]) => Math.round(Number(percent) * 100),
    );
    if (off.length === 0 || off.includes(percentBp)) return [];
    return [percent(one, field, percentBp, off[0] ?? 0)];
  });
}

function fold(
  one: AdvisedRule,
  field: readonly string[],
  percentBp: number,
  meant: number,
): Advice {
  const paid = (WHOLE_BP - meant) / 100;
  return advise(
    one,
    'zhe-as-percent',
    field,
    text(
      `名称说付 ${paid}%，规则却减 ${percentBp / 100}%：折扣写成了减免比例？`,
      `the name says 折, ${paid} % to pay, but the rule takes ${percentBp / 100} % off`,
    ),
    text(`若名称正确，percentBp 应为 ${meant}`, `If the name is right, percentBp is ${meant}`),
  );
}

function percent(
  one: AdvisedRule,
  field: readonly string[],
  percentBp: number,
  meant: number,
): Advice {
  return advise(
    one,
    'name-disagrees',
    field,
    text(
      `英文名称说减 ${meant / 100}%，规则减 ${percentBp / 100}%`,
      `the name says ${meant / 100} % off, the rule takes ${percentBp / 100} % off`,
    ),
    text(
      `10000 = 100%；若名称正确，应为 ${meant}`,
      `10000 = 100 %: if the name is right, it is ${meant}`,
    ),
  );
}

function percentOf({ rule: { effect } }: AdvisedRule): [readonly string[], number] | null {
  switch (effect.kind) {
    case 'percent-off-items':
    case 'percent-off-order':
    case 'percent-off-cheapest-unit':
      return [['effect', 'percentBp'], effect.percentBp];
    case 'quantity-groups':
      return effect.percentBp === undefined ? null : [['effect', 'percentBp'], effect.percentBp];
    case 'buy-x-get-y':
      return [['effect', 'get', 'percentBp'], effect.get.percentBp];
    default:
      return null;
  }
}

/**
 * The shares to pay that a Chinese name may speak of, in basis points: 8折 and 八折 8,000, 85折, 8.5折 and 八五折 8,500.
 * The sign before a single numeral may belong to the word before it, as in 双十一九折.
 */
function foldsIn(name: string): number[] {
  const numbers = [...name.matchAll(/(\d{1,2}(?:\.\d)?) ?折/gu)].map(([, written = '']) =>
    Math.round(Number(written) * (/^\d{2}$/.test(written) ? 100 : 1_000)),
  );
  const signs = [...name.matchAll(/([一二三四五六七八九]?)([一二三四五六七八九])折/gu)].flatMap(
    ([, tens = '', ones = '']) => {
      const single = DIGITS.indexOf(ones);
      if (tens === '') return [single * 1_000];
      const two = DIGITS.indexOf(tens) * 10 + single;
      return two < 50 ? [single * 1_000, two * 100] : [two * 100, single * 1_000];
    },
  );
  return [...numbers, ...signs];
}
