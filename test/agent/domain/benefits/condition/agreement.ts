import { isCelError } from '@bufbuild/cel';
import fc from 'fast-check';
import { expect } from 'vitest';
import { compileCondition } from '../../../../../agent/domain/benefits/condition/compile-condition.ts';
import { checked, ours, reference, selector } from './both-sides.ts';
import { boolText, saleFacts } from './random-expressions.ts';

/** Compares `expressions` published conditions with the reference; those that could overflow are drawn again. */
export function compareWithReference(expressions: number): void {
  let compared = 0;
  fc.assert(
    fc.property(boolText, saleFacts, (text, drawn) => {
      const tree = checked(text);
      fc.pre(tree !== null);
      const expected = reference(text, drawn);
      if (isCelError(expected)) throw expected;
      const seen = compileCondition(tree, selector)(ours(drawn));
      if (seen !== expected) expect(seen).toBe(expected);
      compared += 1;
    }),
    { numRuns: expressions, maxSkipsPerRun: 1_000 },
  );
  expect(compared).toBe(expressions);
}
