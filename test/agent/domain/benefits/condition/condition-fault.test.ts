import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '../../../../../agent/contract/result.ts';
import { conditionFault } from '../../../../../agent/domain/benefits/condition/condition-fault.ts';
import { rulesOf } from '../../../../support/benefits.ts';
import { checked } from './both-sides.ts';
import { boolText, SELECTORS } from './random-expressions.ts';

test('a till finds no fault with any tree that the publisher makes', () => {
  fc.assert(
    fc.property(boolText, (text) => {
      const tree = checked(text);
      fc.pre(tree !== null);
      expect(conditionFault(tree, new Set(SELECTORS))).toBeNull();
    }),
    { numRuns: 1_000, maxSkipsPerRun: 1_000 },
  );
});

test('nor with one that the publisher adds to: a coupon code, negations moved inwards, guards', () => {
  const deep = `${'!('.repeat(28)}scene.tags.exists(t, t == "weekend")${')'.repeat(28)}`;
  const wide = `!(${Array.from({ length: 200 }, (_, n) => `"a${n}" in scene.tags`).join(' || ')})`;
  for (const when of [deep, wide, wide.replace('!', '').replaceAll(' || ', ' != true || ')]) {
    const [rule] = rulesOf([
      {
        id: 'r',
        lane: 'coupon',
        when,
        coupon: { code: 'C1', uses: 'single' },
        effect: { kind: 'fixed-off-order', amountMinor: 1 },
      },
    ]).rules;
    assert(rule?.rule.condition != null, 'the rule has a condition');
    expect(conditionFault(rule.rule.condition, new Set())).toBeNull();
  }
});
