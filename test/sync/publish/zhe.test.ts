import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { assert } from '../../../agent/contract/result.ts';
import { ruleFileJsonSchema } from '../../../agent/main/commands/rules-schema.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { zheToBp } from '../../../sync/hq/publish/zhe.ts';
import { ruleFile } from '../../support/benefits.ts';

const percent = (percentBp: unknown) => ({ kind: 'percent-off-order', percentBp });

describe('a percentage written in 折', () => {
  test.each([
    ['8折', 2_000],
    ['八折', undefined],
    ['8.5折', 1_500],
    ['85折', 1_500],
    ['9.85折', 150],
    ['2折', 8_000],
    ['0.5折', 9_500],
    ['9折', 1_000],
    ['11折', 8_900],
    ['10折', undefined],
    ['0折', undefined],
    ['8', undefined],
    ['8.555折', undefined],
    ['-8折', undefined],
  ])('%s is %s basis points off', (written, bp) => {
    expect(zheToBp(written)).toBe(bp);
  });

  test('is published as basis points, wherever it stands in an effect', () => {
    const effects = [
      percent('8.5折'),
      {
        kind: 'tiered-percent-items',
        basePercentBp: '98折',
        steps: [{ fromMinor: 100, percentBp: '9折' }],
      },
      {
        kind: 'buy-x-get-y',
        buy: { qty: 1 },
        get: { qty: 1, percentBp: '5折', pick: 'cheapest' },
      },
    ];
    const published = publishRules(
      ruleFile(effects.map((effect, index) => ({ id: `r${index}`, effect }))),
    );
    assert(published.ok, 'the rules are in order');
    expect(published.value.ruleSet.rules.map(({ effect }) => effect)).toMatchObject([
      { percentBp: 1_500 },
      { basePercentBp: 200, steps: [{ percentBp: 1_000 }] },
      { get: { percentBp: 5_000 } },
    ]);
  });

  test('that is none is refused at its place', () => {
    const published = publishRules(ruleFile([{ id: 'r', effect: percent('10折') }]));
    expect(published).toMatchObject({
      ok: false,
      error: [{ code: 'schema', ruleId: 'r', field: 'rules.0.effect.percentBp' }],
    });
  });

  test('is known to editors by the JSON Schema', () => {
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(ruleFileJsonSchema())));
    const file = (percentBp: unknown): unknown =>
      JSON.parse(ruleFile([{ id: 'r', effect: percent(percentBp) }]));
    expect(schema.safeParse(file('85折')).success).toBe(true);
    expect(schema.safeParse(file(1_500)).success).toBe(true);
    expect(schema.safeParse(file('10折')).success).toBe(false);
  });
});
