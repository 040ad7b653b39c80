import { describe, expect, test } from 'vitest';
import {
  BUNDLE_MAX_PARTS,
  DEAL_MAX_APPLICATIONS,
  EFFECT_MAX_STEPS,
  EVERY_AMOUNT_MAX_TIMES,
  MEMBER_PRICE_MAX_ROWS,
  SELECTOR_MAX_VALUES,
} from '../../../agent/contract/effects.ts';
import { MEMBER_MAX_BUCKETS } from '../../../agent/contract/evaluation-input.ts';
import {
  RULE_MAX_LIMITS,
  RULE_MAX_SELECTORS,
  RULE_SET_MAX_RULES,
} from '../../../agent/contract/rules.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 1 };
const list = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const one = (rule: object): string => ruleFile([{ id: 'r', effect, ...rule }]);

/** Each limit with a rule file that has so many of the thing. */
const limits: [string, number, (count: number) => string][] = [
  ['rules', RULE_SET_MAX_RULES, (count) => ruleFile(list(count, (n) => ({ id: `r${n}`, effect })))],
  [
    'values of a selector',
    SELECTOR_MAX_VALUES,
    (count) => one({ target: { sku: list(count, (n) => `s${n}`) } }),
  ],
  [
    'selectors of a rule',
    RULE_MAX_SELECTORS,
    (count) => one({ select: Object.fromEntries(list(count, (n) => [`s${n}`, {}])) }),
  ],
  [
    'limits of a rule',
    RULE_MAX_LIMITS,
    (count) => one({ limits: list(count, () => ({ scope: 'total', max: 1 })) }),
  ],
  [
    'steps of an effect',
    EFFECT_MAX_STEPS,
    (count) =>
      one({
        effect: {
          kind: 'tiered-fixed-order',
          baseAmountMinor: 0,
          steps: list(count, (n) => ({ fromMinor: n + 1, amountMinor: 1 })),
        },
      }),
  ],
  [
    'rows of a price table',
    MEMBER_PRICE_MAX_ROWS,
    (count) =>
      one({
        lane: 'price',
        effect: {
          kind: 'member-price',
          prices: list(count, (n) => ({ sku: `s${n}`, unitPriceMinor: 1 })),
        },
      }),
  ],
  [
    'applications of a deal',
    DEAL_MAX_APPLICATIONS,
    (count) =>
      one({
        effect: {
          kind: 'buy-x-get-y',
          buy: { qty: 1 },
          get: { qty: 1, percentBp: 1, pick: 'cheapest' },
          maxApplications: count,
        },
      }),
  ],
  [
    'parts of a bundle',
    BUNDLE_MAX_PARTS,
    (count) =>
      one({ effect: { kind: 'bundle', parts: list(count, () => ({ qty: 1 })), priceMinor: 1 } }),
  ],
  [
    'times of an amount off',
    EVERY_AMOUNT_MAX_TIMES,
    (count) =>
      one({
        effect: { kind: 'every-amount-off', everyMinor: 1, amountMinor: 1, maxTimes: count },
      }),
  ],
];

describe('a rule file', () => {
  test(`with points of ${MEMBER_MAX_BUCKETS} categories beside base is published, with one more it is refused by field`, () => {
    const earning = (bucket: string) => ({
      id: `r-${bucket}`,
      lane: 'points-earn',
      effect: { kind: 'points-earn', perMinor: 100, points: 1, bucket },
    });
    const most = list(MEMBER_MAX_BUCKETS, (n) => earning(`c${n}`));
    expect(publishRules(ruleFile([...most, earning('base')])).ok).toBe(true);
    expect(publishRules(ruleFile([...most, earning('more')]))).toMatchObject({
      ok: false,
      error: [{ code: 'too-many-categories', field: `rules.${MEMBER_MAX_BUCKETS}.effect.bucket` }],
    });
  });

  for (const [what, limit, make] of limits) {
    test(`with ${limit} ${what} is published, with one more it is refused`, () => {
      expect(publishRules(make(limit)).ok).toBe(true);
      const refused = publishRules(make(limit + 1));
      expect(refused).toMatchObject({ ok: false, error: [{ code: 'schema' }] });
    });
  }
});
