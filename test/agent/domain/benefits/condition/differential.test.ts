import { isCelError } from '@bufbuild/cel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../../../../agent/domain/benefits/condition/compile-condition.ts';
import { conditionText } from '../../../../../agent/domain/benefits/condition/condition-text.ts';
import { conjuncts } from '../../../../../agent/domain/benefits/condition/conjuncts.ts';
import { intRange } from '../../../../../agent/domain/benefits/condition/int-range.ts';
import { compareWithReference } from './agreement.ts';
import { checked, ours, reference, selector } from './both-sides.ts';
import { boolText, constantIntText, intText, saleFacts } from './random-expressions.ts';

/** `differential.long.test.ts` compares ten times as many. */
const EXPRESSIONS = 10_000;
/** Four seconds of work, on a machine that may be busy. */
const TIMEOUT_MS = 90_000;

describe('closures compiled from the checked tree', () => {
  test(
    `agree with @bufbuild/cel on ${EXPRESSIONS} random expressions of the profile`,
    { timeout: TIMEOUT_MS },
    () => compareWithReference(EXPRESSIONS),
  );

  test('agree after the tree was split into terms with negations moved inwards', () => {
    fc.assert(
      fc.property(boolText, saleFacts, (text, drawn) => {
        const tree = checked(text);
        fc.pre(tree !== null);
        const seen = ours(drawn);
        const whole = compileCondition(tree, selector)(seen);
        expect(conjuncts(tree).every((term) => compileCondition(term, selector)(seen))).toBe(whole);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });

  test('the text of a tree parses to the same tree', () => {
    fc.assert(
      fc.property(boolText, (text) => {
        const tree = checked(text);
        fc.pre(tree !== null);
        expect(checked(conditionText(tree))).toEqual(tree);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });
});

describe('the range proof', () => {
  test('refuses what the reference evaluator finds to overflow for some input', () => {
    fc.assert(
      fc.property(intText, saleFacts, (text, drawn) => {
        if (isCelError(reference(text, drawn))) expect(checked(`${text} == 0`)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('refuses an expression without variables exactly where the reference evaluator overflows', () => {
    const seen = { refused: 0, published: 0 };
    fc.assert(
      fc.property(constantIntText, saleFacts, (text, drawn) => {
        const refused = checked(`${text} == 0`) === null;
        seen[refused ? 'refused' : 'published'] += 1;
        expect(refused).toBe(isCelError(reference(text, drawn)));
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(seen.refused, seen.published)).toBeGreaterThan(100);
  });

  test('bounds every value that the reference evaluator computes', () => {
    fc.assert(
      fc.property(intText, saleFacts, (text, drawn) => {
        const tree = checked(`${text} == 0`);
        fc.pre(tree?.op === 'eq');
        const range = intRange(tree.op === 'eq' ? tree.left : tree);
        if ('overflow' in range) throw new Error('a checked expression cannot overflow');
        const value = reference(text, drawn) as bigint;
        expect(value >= range.min && value <= range.max).toBe(true);
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    );
  });
});
