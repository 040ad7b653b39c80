import { describe, expect, test } from 'vitest';
import {
  inputOf,
  lineDiscounts,
  memberOf,
  outcome,
  rulesOf,
  run,
} from '../../../support/benefits.ts';

const tenOff = { kind: 'fixed-off-order', amountMinor: 1_000 };
const tenPercent = { kind: 'percent-off-order', percentBp: 1_000 };

describe('lanes run in order', () => {
  test('a coupon sees what the basket lane left, wherever it stands in the file', () => {
    const compiled = rulesOf([
      { id: 'coupon', lane: 'coupon', effect: tenPercent },
      { id: 'basket', lane: 'basket', effect: tenOff },
    ]);
    const evaluation = run(compiled, inputOf([['a', 1, 11_000]]));
    expect(outcome(evaluation, 'coupon').discountMinor).toBe(1_000);
    expect(evaluation.payableMinor).toBe(9_000);
  });

  test('different groups of one step add up on the same base', () => {
    const compiled = rulesOf([
      { id: 'a', effect: tenPercent },
      { id: 'b', effect: { kind: 'percent-off-order', percentBp: 2_000 } },
    ]);
    expect(run(compiled, inputOf([['x', 1, 10_000]])).payableMinor).toBe(7_000);
  });

  test('a later step sees what the earlier step left', () => {
    const compiled = rulesOf([
      { id: 'a', step: 1, effect: tenPercent },
      { id: 'b', step: 2, effect: { kind: 'percent-off-order', percentBp: 2_000 } },
    ]);
    expect(run(compiled, inputOf([['x', 1, 10_000]])).payableMinor).toBe(7_200);
  });

  test('a rule on the list base computes from list prices in any step', () => {
    const compiled = rulesOf([
      { id: 'a', step: 1, effect: tenPercent },
      { id: 'b', step: 2, base: 'list', effect: { kind: 'percent-off-order', percentBp: 2_000 } },
    ]);
    expect(run(compiled, inputOf([['x', 1, 10_000]])).payableMinor).toBe(7_000);
  });

  test('gates of a step are all tested before any of its rules takes effect', () => {
    const compiled = rulesOf([
      { id: 'a', priority: 1, when: 'basket.runningMinor >= 10000', effect: tenOff },
      { id: 'b', priority: 2, when: 'basket.runningMinor >= 10000', effect: tenOff },
      { id: 'c', step: 2, when: 'basket.runningMinor >= 10000', effect: tenOff },
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 10_000]]));
    expect(evaluation.payableMinor).toBe(8_000);
    expect(outcome(evaluation, 'c')).toMatchObject({
      status: 'not-applicable',
      code: 'min-running-subtotal',
      difference: 2_000,
    });
  });

  test('groups of one step that together exceed a line leave it at zero, not below', () => {
    const compiled = rulesOf([
      { id: 'a', effect: { kind: 'fixed-off-order', amountMinor: 8_000 } },
      { id: 'b', effect: { kind: 'fixed-off-order', amountMinor: 8_000 } },
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 10_000]]));
    expect(evaluation.payableMinor).toBe(0);
    expect(outcome(evaluation, 'b').discountMinor).toBe(2_000);
  });
});

describe('of a group there is one winner', () => {
  const rules = (first: object, second: object) =>
    rulesOf([
      { id: 'a', group: 'g', ...first },
      { id: 'b', group: 'g', ...second },
    ]);

  test('the larger discount wins and the loser says to whom it lost', () => {
    const evaluation = run(
      rules({ effect: tenOff }, { effect: tenPercent }),
      inputOf([['x', 1, 20_000]]),
    );
    expect(outcome(evaluation, 'a')).toMatchObject({ status: 'lost-to', lostTo: 'b' });
    expect(outcome(evaluation, 'a').text.en).toContain('Rule b');
    expect(evaluation.discountMinor).toBe(2_000);
  });

  test('of equal discounts the lower priority number wins, then the id', () => {
    const basket = inputOf([['x', 1, 10_000]]);
    const byPriority = run(
      rules({ priority: 2, effect: tenOff }, { priority: 1, effect: tenOff }),
      basket,
    );
    expect(outcome(byPriority, 'b').status).toBe('applied');
    const byId = run(rules({ effect: tenOff }, { effect: tenOff }), basket);
    expect(outcome(byId, 'a').status).toBe('applied');
  });

  test('a rule refused for its budget leaves the group to the next', () => {
    const budget = { id: 'campaign', limitMinor: 500 };
    const evaluation = run(
      rules(
        { effect: { kind: 'fixed-off-order', amountMinor: 2_000 }, budget },
        { effect: tenOff },
      ),
      inputOf([['x', 1, 10_000]]),
    );
    expect(outcome(evaluation, 'a')).toMatchObject({ status: 'refused', code: 'budget' });
    expect(evaluation.discountMinor).toBe(1_000);
  });

  test('in the price lane the winner is found line by line', () => {
    const compiled = rulesOf([
      {
        id: 'five',
        lane: 'price',
        group: 'g',
        effect: { kind: 'percent-off-items', percentBp: 500 },
      },
      {
        id: 'flat',
        lane: 'price',
        group: 'g',
        effect: { kind: 'fixed-off-items', amountMinor: 100 },
      },
    ]);
    const evaluation = run(
      compiled,
      inputOf([
        ['cheap', 1, 1_000],
        ['dear', 1, 10_000],
      ]),
    );
    expect(lineDiscounts(evaluation)).toEqual({ L1: 100, L2: 500 });
    expect(outcome(evaluation, 'five').status).toBe('applied');
    expect(outcome(evaluation, 'flat').status).toBe('applied');
  });

  test('in the basket lane the winner is found for the basket', () => {
    const compiled = rulesOf([
      { id: 'five', group: 'g', effect: { kind: 'percent-off-items', percentBp: 500 } },
      { id: 'flat', group: 'g', effect: { kind: 'fixed-off-items', amountMinor: 100 } },
    ]);
    const evaluation = run(
      compiled,
      inputOf([
        ['cheap', 1, 1_000],
        ['dear', 1, 10_000],
      ]),
    );
    expect(lineDiscounts(evaluation)).toEqual({ L1: 50, L2: 500 });
    expect(outcome(evaluation, 'flat').status).toBe('lost-to');
  });

  test('a deal that takes units across lines is whole or nothing, also in the multi-buy lane', () => {
    const deal = {
      kind: 'buy-x-get-y',
      buy: { target: { sku: ['a'] }, qty: 1 },
      get: { target: { sku: ['b'] }, qty: 1, percentBp: 10_000, pick: 'cheapest' },
    };
    const compiled = rulesOf([
      { id: 'deal', lane: 'multi-buy', group: 'g', effect: deal },
      {
        id: 'half',
        lane: 'multi-buy',
        group: 'g',
        effect: { kind: 'percent-off-items', percentBp: 1_000 },
      },
    ]);
    const evaluation = run(
      compiled,
      inputOf([
        ['a', 1, 5_000],
        ['b', 1, 3_000],
      ]),
    );
    expect(lineDiscounts(evaluation)).toEqual({ L1: 0, L2: 3_000 });
    expect(outcome(evaluation, 'half').status).toBe('lost-to');
  });
});

describe('an exclusive rule', () => {
  const exclusive = { id: 'vip', lane: 'coupon', exclusive: ['basket', 'coupon'], effect: tenOff };

  test('silences the lanes it names, also those before it, and says so', () => {
    const compiled = rulesOf([
      { id: 'basket', effect: tenPercent },
      { id: 'other', lane: 'coupon', effect: tenOff },
      exclusive,
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 50_000]]));
    expect(evaluation.discountMinor).toBe(1_000);
    for (const id of ['basket', 'other']) {
      expect(outcome(evaluation, id)).toMatchObject({
        status: 'refused',
        code: 'exclusive',
        lostTo: 'vip',
      });
    }
  });

  test('leaves lanes that it does not name alone', () => {
    const compiled = rulesOf([
      { id: 'price', lane: 'price', effect: { kind: 'percent-off-items', percentBp: 1_000 } },
      exclusive,
    ]);
    expect(run(compiled, inputOf([['x', 1, 10_000]])).discountMinor).toBe(2_000);
  });

  test('is tested in the basket as it is with those lanes silent', () => {
    const compiled = rulesOf([
      { id: 'basket', effect: { kind: 'percent-off-order', percentBp: 5_000 } },
      { ...exclusive, when: 'basket.runningMinor >= 10000' },
    ]);
    expect(run(compiled, inputOf([['x', 1, 10_000]])).discountMinor).toBe(1_000);
  });

  test('that would take nothing silences nothing', () => {
    const compiled = rulesOf([
      { id: 'basket', effect: tenPercent },
      { ...exclusive, target: { sku: ['absent'] } },
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 10_000]]));
    expect(evaluation.discountMinor).toBe(1_000);
    expect(outcome(evaluation, 'vip').code).toBe('no-effect');
  });

  test('does not apply where it would silence an exclusive rule that goes before it', () => {
    const compiled = rulesOf([
      { id: 'first', lane: 'basket', exclusive: ['points-spend'], effect: tenPercent },
      { ...exclusive, exclusive: ['basket'] },
    ]);
    const evaluation = run(compiled, inputOf([['x', 1, 10_000]]));
    expect(outcome(evaluation, 'first').status).toBe('applied');
    expect(outcome(evaluation, 'vip')).toMatchObject({
      status: 'refused',
      code: 'exclusive',
      lostTo: 'first',
    });
    expect(evaluation.discountMinor).toBe(1_000);
  });

  test('refused by its allowance silences nothing', () => {
    const compiled = rulesOf([
      { id: 'basket', effect: tenPercent },
      { ...exclusive, coupon: { code: 'VIP', uses: 'single' } },
    ]);
    const input = inputOf([['x', 1, 10_000]], { codes: ['VIP'], member: memberOf() });
    const evaluation = run(compiled, input);
    expect(outcome(evaluation, 'vip').code).toBe('allowance-unreachable');
    expect(outcome(evaluation, 'basket').status).toBe('applied');
  });
});
