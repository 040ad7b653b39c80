import type { Prng } from '../../demo/prng.ts';
import * as pool from './pool.ts';
import type { IntTerm, Wish } from './wish.ts';

/**
 * A condition of a few terms over everything that a condition may read. Codes stand as terms of their own: what a
 * missing code inside `||` or `!` counts as is told in words, not in the outcome's status.
 */
export function drawWish(prng: Prng): Wish {
  if (!prng.chance(1_000)) return drawPart(prng, 2);
  const code: Wish = { is: 'listed', word: prng.pick(pool.CODES), list: 'codes' };
  return prng.chance(5_000) ? code : { is: 'and', wishes: [drawPart(prng, 1), code] };
}

function drawPart(prng: Prng, depth: number): Wish {
  if (depth > 0 && prng.chance(3_000)) {
    const wishes = Array.from({ length: prng.between(2, 3) }, () => drawPart(prng, depth - 1));
    return { is: prng.pick(['and', 'and', 'or']), wishes };
  }
  if (depth > 0 && prng.chance(1_000)) return { is: 'not', wish: drawPart(prng, depth - 1) };
  return drawTerm(prng);
}

function drawTerm(prng: Prng): Wish {
  const listed = prng.pick([
    ['member.tags', pool.TAGS],
    ['member.groups', pool.GROUPS],
    ['scene.tags', pool.SCENES],
    ['weather.tags', pool.WEATHER],
  ] as const);
  const word = prng.pick([
    ['member.tier', [...pool.TIERS, '']],
    ['basket.channel', ['store', 'app']],
    ['store.id', ['S1', 'S2']],
    ['store.tier', ['A', 'B']],
  ] as const);
  const flag = prng.pick([
    'member.known',
    'member.birthdayToday',
    'member.birthdayMonth',
    'basket.isReturn',
    'scene.known',
  ]);
  return prng.weighted<() => Wish>([
    [() => drawCompare(prng), 8],
    [
      () => ({ is: 'word', var: word[0], sign: prng.pick(['==', '!=']), word: prng.pick(word[1]) }),
      2,
    ],
    [() => ({ is: 'one-of', var: word[0], words: [prng.pick(word[1]), 'other'] }), 1],
    [() => ({ is: 'listed', word: prng.pick(listed[1]), list: listed[0] }), 3],
    [() => ({ is: 'flag', var: flag }), 2],
    [() => ({ is: 'given', var: prng.pick(pool.GIVEN) }), 1],
    [() => ({ is: 'has-lines', select: prng.pick(pool.SELECTORS) }), 1],
    [
      () => ({
        is: prng.pick(['exists', 'all']),
        words: [prng.pick(listed[1]), prng.pick(listed[1])],
        list: listed[0],
      }),
      1,
    ],
  ])();
}

function drawCompare(prng: Prng): Wish {
  const sign = prng.pick(['==', '!=', '<', '<=', '>', '>=', '>=', '>='] as const);
  const [left, bounds] = prng.pick<readonly [IntTerm, readonly number[]]>([
    [{ var: 'basket.listMinor' }, [500, 1_000, 2_000, 3_000]],
    [{ var: 'basket.runningMinor' }, [500, 1_000, 2_000, 3_000]],
    [{ var: 'basket.qty' }, [2, 3, 5, 8]],
    [{ of: 'qty', select: prng.pick(pool.SELECTORS) }, [1, 2, 4]],
    [{ of: 'listMinor', select: prng.pick(pool.SELECTORS) }, [100, 500, 1_000]],
    [{ of: 'runningMinor', select: prng.pick(pool.SELECTORS) }, [100, 500, 1_000]],
    [{ var: 'member.completedOrders' }, [0, 1, 3]],
    [{ var: 'member.yearSpendMinor' }, [0, 5_000, 9_999, 10_000]],
    [{ var: 'member.monthSpendMinor' }, [0, 4_000, 4_999]],
    [{ var: 'member.lastMonthSpendMinor' }, [0, 5_000, 9_000]],
    [{ var: 'member.daysSinceStore' }, [0, 7]],
    [{ var: 'member.daysSinceOnline' }, [7, 30]],
    [{ var: 'now.date' }, [20_261_121, 20_261_122]],
    [{ var: 'now.weekday' }, [1, 6]],
    [{ var: 'now.day' }, [21, 22]],
    [{ var: 'now.minuteOfDay' }, [0, 120, 600, 1_320]],
  ]);
  const plain: IntTerm = { int: prng.pick(bounds) };
  if (!prng.chance(2_000)) return { is: 'compare', left, sign, right: plain };
  const around: IntTerm = {
    left,
    sign: prng.pick(['+', '-', '*']),
    right: { int: prng.between(-2, 3) },
  };
  const right: IntTerm = prng.chance(5_000) ? plain : { var: 'basket.qty' };
  return { is: 'compare', left: around, sign, right };
}
