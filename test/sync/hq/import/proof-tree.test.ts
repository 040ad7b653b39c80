import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createProofTree,
  differingBuckets,
  proofDigest,
} from '../../../../sync/hq/import/proof/proof-tree.ts';
import { BUCKETS } from '../../../../sync/protocol/tree-shape.ts';

const KEY = randomBytes(32);

it('the walk comes to exactly the buckets in which two sides differ', () => {
  const rows = fc.array(
    fc.record({
      bucket: fc.integer({ min: 0, max: BUCKETS - 1 }),
      text: fc.string(),
      side: fc.constantFrom('both', 'left', 'right'),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(rows, (all) => {
      const [left, right] = [createProofTree(), createProofTree()];
      const expected = new Set<number>();
      all.forEach(({ bucket, text, side }, n) => {
        const digest = proofDigest(KEY, 'members', `m-${n}`, text);
        if (side !== 'right') left.add(bucket, digest);
        if (side !== 'left') right.add(bucket, digest);
        if (side !== 'both') expected.add(bucket);
      });
      expect(differingBuckets(left, right)).toEqual([...expected].sort((a, b) => a - b));
      expect(left.root() === right.root()).toBe(expected.size === 0);
    }),
    { numRuns: 30 },
  );
});

it('two rows that swap what they say leave no sum as it was', () => {
  const [left, right] = [createProofTree(), createProofTree()];
  left.add(7, proofDigest(KEY, 'members', 'a', 'one'));
  left.add(7, proofDigest(KEY, 'members', 'b', 'two'));
  right.add(7, proofDigest(KEY, 'members', 'a', 'two'));
  right.add(7, proofDigest(KEY, 'members', 'b', 'one'));
  expect(differingBuckets(left, right)).toEqual([7]);
});
