import { LANES } from '../../../../agent/contract/evaluation.ts';
import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';
import { possible } from './possible.ts';
import { windowWorlds } from './rule-worlds.ts';
import { intersect, isEmpty } from './value-set.ts';
import { both } from './worlds.ts';

/** Rules whose gate never opens, and rules that are set against others which they can never meet. */
export function adviseNeverHolds(set: AdvisedSet): Advice[] {
  const alive = set.rules.filter(({ worlds }) => worlds.worlds.length > 0);
  return [
    ...set.rules.filter(({ worlds }) => worlds.worlds.length === 0).map(neverHolds),
    ...set.rules.flatMap(emptyTarget),
    ...set.groups.flatMap(neverTogether),
    ...alive.flatMap((one) => idleExclusive(one, alive)),
  ];
}

function neverHolds(one: AdvisedRule): Advice {
  const { rule } = one;
  if (possible(windowWorlds(rule.window)).worlds.length === 0) {
    return advise(
      one,
      'window-never-open',
      ['window'],
      text(
        '所写的星期或时段在起止日期内从不出现',
        'the weekdays or hours never occur between its first and its last day',
      ),
    );
  }
  return advise(
    one,
    'never-holds',
    rule.when === '' ? ['window'] : ['when'],
    text(
      `条件（连同有效期）自相矛盾，${rule.id} 永远不会成立`,
      `the condition, with the window, contradicts itself: ${rule.id} can never hold`,
    ),
  );
}

function emptyTarget(one: AdvisedRule): Advice[] {
  const { unitPriceMin = 0, unitPriceMax = Number.MAX_SAFE_INTEGER } = one.rule.target;
  if (unitPriceMin <= unitPriceMax) return [];
  return [
    advise(
      one,
      'never-holds',
      ['target'],
      text(
        '目标的最低单价高于最高单价，选不到任何商品行',
        'the target asks for a lowest unit price above its highest: it chooses no line',
      ),
    ),
  ];
}

/**
 * A group exists to let one of several win; where no two of its rules ever meet it decides nothing. Rules that differ by
 * member tier are left in peace: a ladder of tiers is kept in one group so that no member climbs two rungs at once.
 */
function neverTogether(group: readonly AdvisedRule[]): Advice[] {
  return group.slice(1).flatMap((one) => {
    const others = group.filter((other) => other !== one && other.worlds.worlds.length > 0);
    if (one.worlds.worlds.length === 0 || others.length === 0) return [];
    if (others.some((other) => meet(one, other) || differByTier(one, other))) return [];
    const names = others.map(({ rule }) => rule.id).slice(0, 3);
    return [
      advise(
        one,
        'never-together',
        ['group'],
        text(
          `与同组的 ${names.join('、')} 永远不会同时成立，组 ${one.rule.group} 不起作用`,
          `it can never hold together with ${names.join(', ')}, so the group ${one.rule.group} decides nothing`,
        ),
      ),
    ];
  });
}

function idleExclusive(one: AdvisedRule, alive: readonly AdvisedRule[]): Advice[] {
  return one.rule.exclusive.flatMap((lane, position) => {
    const silenced = alive.filter((other) => other !== one && other.rule.lane === lane);
    if (silenced.length === 0 || silenced.some((other) => meet(one, other))) return [];
    const place = LANES.indexOf(lane) + 1;
    return [
      advise(
        one,
        'never-together',
        ['exclusive', position],
        text(
          `与通道 ${lane}（第 ${place} 道）的任何规则都不会同时成立，互斥不起作用`,
          `it can never hold together with any rule of the lane ${lane} (number ${place}): being exclusive there does nothing`,
        ),
      ),
    ];
  });
}

/** Amounts that change while the lanes run may differ between two steps, so they prove nothing there. */
function meet(a: AdvisedRule, b: AdvisedRule): boolean {
  const sameStep = a.rule.lane === b.rule.lane && a.rule.step === b.rule.step;
  const still = (one: AdvisedRule) =>
    sameStep
      ? one.worlds
      : {
          ...one.worlds,
          worlds: one.worlds.worlds.map(
            (world) => new Map([...world].filter(([fact]) => !fact.includes('runningMinor'))),
          ),
        };
  return possible(both(still(a), still(b))).worlds.length > 0;
}

function differByTier(a: AdvisedRule, b: AdvisedRule): boolean {
  return a.worlds.worlds.every((one) =>
    b.worlds.worlds.every((other) => {
      const [mine, theirs] = [one.get('member.tier'), other.get('member.tier')];
      return mine !== undefined && theirs !== undefined && isEmpty(intersect(mine, theirs));
    }),
  );
}
