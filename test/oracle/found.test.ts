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
