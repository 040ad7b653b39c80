import { expect, test } from 'vitest';
import { COMPARED_MAX } from '../../../sync/hq/publish/advice/advised-set.ts';
import { WINDOW_DAYS_MAX } from '../../../sync/hq/publish/advice/possible.ts';
import { STACK_RULES_MAX } from '../../../sync/hq/publish/advice/stack.ts';
import { WORLDS_MAX } from '../../../sync/hq/publish/advice/worlds.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../support/benefits.ts';

type Fields = Record<string, unknown>;
const off = (percentBp: number): Fields => ({ kind: 'percent-off-order', percentBp });

function found(rules: readonly Fields[]): string[] {
  const published = publishRules(ruleFile(rules));
  if (!published.ok) throw new Error(JSON.stringify(published.error));
  return published.value.warnings.map(({ code, ruleId }) => `${code} ${ruleId ?? ''}`);
}

test(`a contradiction is found in up to ${WORLDS_MAX} ways to hold; above that nothing wrong is said`, () => {
  const ways = (count: number, rest: string): Fields => ({
    id: 'r',
    when: `(${Array.from({ length: count }, (_, nth) => `basket.qty == ${nth + 1}`).join(' || ')}) && ${rest}`,
    effect: off(100),
  });
  expect(found([ways(WORLDS_MAX, 'basket.qty > 900')])).toEqual(['never-holds r']);
  expect(found([ways(WORLDS_MAX + 1, 'basket.qty > 900')])).toEqual([]);
  expect(found([ways(WORLDS_MAX + 1, 'basket.qty == 65')])).toEqual([]);
});

test(`dates are looked at day by day over ${WINDOW_DAYS_MAX} days, and no rule of a longer window is doubted`, () => {
  const leapDay = (to: string): Fields => ({
    id: 'r',
    when: 'now.month == 2 && now.day == 29',
    window: { from: '2027-01-01', to },
    effect: off(100),
  });
  expect(found([leapDay('2028-02-04')])).toEqual(['never-holds r']);
  expect(found([leapDay('2028-02-05')])).toEqual([]);
});

test(`in one group ${COMPARED_MAX} rules are compared`, () => {
  const group = (count: number): Fields[] =>
    Array.from({ length: count }, (_, nth) => ({
      id: `r${nth}`,
      group: 'g',
      when: `"tag${nth}" in member.tags`,
      effect: off(nth + 1),
    }));
  const last = { id: 'last', group: 'g', when: '"tag0" in member.tags && basket.qty > 1' };
  const within = [...group(COMPARED_MAX - 1), { ...last, effect: { ...off(1) } }];
  expect(found(within)).toEqual(['tie-by-id last']);
  expect(found([...group(COMPARED_MAX), { ...last, effect: off(1) }])).toEqual([]);
});

test(`a stack is built from the ${STACK_RULES_MAX} rules of the largest shares`, () => {
  const filler = Array.from({ length: STACK_RULES_MAX - 1 }, (_, nth) => ({
    id: `f${nth}`,
    group: 'one',
    when: `"tag${nth}" in member.tags`,
    effect: off(6_000 + nth),
  }));
  const other = { id: 'other', lane: 'coupon', effect: off(5_000) };
  expect(found([...filler, other])).toEqual([`stack-too-deep f${STACK_RULES_MAX - 2}`]);
  const more = { ...filler[0], id: 'more', when: '"more" in member.tags', effect: off(5_500) };
  expect(found([...filler, more, other])).toEqual([]);
});
