import { expect, test } from 'vitest';
import { inputOf, memberOf, outcome, rulesOf, run } from '../support/benefits.ts';

// What the comparison of engine and oracle has found, each as its smallest case.
const off = { kind: 'fixed-off-order', amountMinor: 100 };
const member = memberOf();

test('a rule that silences its own lane does not hide it from a later exclusive rule', () => {
  const compiled = rulesOf([
    { id: 'first', lane: 'basket', exclusive: ['basket'], effect: off },
    { id: 'later', lane: 'coupon', exclusive: ['basket'], effect: off },
  ]);
  const evaluation = run(compiled, inputOf([['a', 1, 1_000]]));
  expect(outcome(evaluation, 'later')).toMatchObject({ code: 'exclusive', lostTo: 'first' });
  expect(evaluation.discountMinor).toBe(100);
});

test('two rules of one basket cannot both take the last use of an allotment', () => {
  const allotment = { id: 'tickets' };
  const compiled = rulesOf([
    { id: 'a', effect: off, allotment },
    { id: 'b', effect: off, allotment },
  ]);
  const allowances = {
    points: { reachable: false },
    coupons: {},
    allotments: { tickets: { reachable: true, available: 1 } },
  };
  const evaluation = run(compiled, inputOf([['a', 1, 1_000]], { allowances }));
  expect(outcome(evaluation, 'b')).toMatchObject({
    status: 'refused',
    code: 'allotment-exhausted',
  });
  expect(evaluation.claims.allotments).toEqual(['tickets']);
});

const earn = (id: string, points: number, more: object = {}) => ({
  id,
  lane: 'points-earn',
  group: 'g',
  effect: { kind: 'points-earn', perMinor: 100, points },
  ...more,
});

test('of a group that earns the rule wins that gives more points after its cap', () => {
  const compiled = rulesOf([earn('capped', 5, { caps: { points: 1 } }), earn('plain', 2)]);
  const evaluation = run(compiled, inputOf([['a', 1, 1_000]], { member }));
  expect(evaluation.points.earned).toBe(20);
  expect(outcome(evaluation, 'capped')).toMatchObject({ status: 'lost-to', lostTo: 'plain' });
});

test('a factor on lines that earn nothing is not told as applied', () => {
  const double = {
    id: 'double',
    lane: 'points-earn',
    target: { sku: ['b'] },
    effect: { kind: 'points-multiplier', factorBp: 20_000 },
  };
  const compiled = rulesOf([earn('food', 1, { target: { sku: ['a'] } }), double]);
  const lines: [string, number, number][] = [
    ['a', 1, 1_000],
    ['b', 1, 1_000],
  ];
  const evaluation = run(compiled, inputOf(lines, { member }));
  expect(outcome(evaluation, 'double')).toMatchObject({ status: 'refused', code: 'no-effect' });
});

test('two rules that earn points cannot both take the last use of an allotment', () => {
  const allotment = { id: 'tickets' };
  const allowances = {
    points: { reachable: false },
    coupons: {},
    allotments: { tickets: { reachable: true, available: 1 } },
  };
  const compiled = rulesOf([
    { ...earn('a', 1, { allotment }), group: 'a' },
    { ...earn('b', 1, { allotment }), group: 'b' },
  ]);
  const evaluation = run(compiled, inputOf([['a', 1, 1_000]], { member, allowances }));
  expect(outcome(evaluation, 'b')).toMatchObject({
    status: 'refused',
    code: 'allotment-exhausted',
  });
  expect(evaluation.points.earned).toBe(10);
  expect(evaluation.claims.allotments).toEqual(['tickets']);
});

test('a factor that comes too late for an allotment multiplies nothing', () => {
  const factor = (id: string) => ({
    id,
    lane: 'points-earn',
    allotment: { id: 'tickets' },
    effect: { kind: 'points-multiplier', factorBp: 20_000 },
  });
  const allowances = {
    points: { reachable: false },
    coupons: {},
    allotments: { tickets: { reachable: true, available: 1 } },
  };
  const compiled = rulesOf([earn('base', 1), factor('x'), factor('y')]);
  const evaluation = run(compiled, inputOf([['a', 1, 1_000]], { member, allowances }));
  expect(evaluation.points.earned).toBe(20);
  expect(outcome(evaluation, 'y')).toMatchObject({ code: 'allotment-exhausted' });
  expect(evaluation.claims.allotments).toEqual(['tickets']);
});

test('the benefit of "not both" is given where one of the two is known not to hold', () => {
  const compiled = rulesOf([
    { id: 'dry', when: '!("rain" in weather.tags && "vip" in member.tags)', effect: off },
  ]);
  expect(run(compiled, inputOf([['a', 1, 1_000]], { member })).discountMinor).toBe(100);
  const vip = memberOf({ tags: ['vip'] });
  expect(run(compiled, inputOf([['a', 1, 1_000]], { member: vip })).discountMinor).toBe(0);
});

test('which of two tiers is the higher one does not depend on the order of the rules in the file', () => {
  const tiers = (id: string, gold: number, silver: number) => ({
    id,
    lane: 'entitlement',
    effect: {
      kind: 'spend-tier',
      steps: [
        { tier: 'gold', fromMinor: gold },
        { tier: 'silver', fromMinor: silver },
      ].sort((a, b) => a.fromMinor - b.fromMinor),
    },
  });
  const rules = [tiers('a', 0, 5_000), tiers('b', 9_000, 0)];
  const input = inputOf([['a', 1, 9_000]], { member });
  const [one, other] = [rules, [...rules].reverse()].map((file) => run(rulesOf(file), input));
  expect(one?.tierAfter).toBe(other?.tierAfter);
});
