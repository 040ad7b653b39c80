import { expect, test } from 'vitest';
import { nextRefill } from '../../../../sync/client/checks/next-refill.ts';
import { REFILL_MAX_BYTES } from '../../../../sync/protocol/ledger-proof.ts';

const entry = (seq: number, bytes: number) =>
  ({ header: JSON.stringify({ seq }), sealed: 'x'.repeat(bytes) }) as never;

test('a refill that is full leaves off before the entry that does not fit, and names what is gone only up to there', () => {
  const half = REFILL_MAX_BYTES / 2 - 5_000;
  const wanted = [9, 8, 7, 6, 5, 4];
  const read = [entry(8, half), entry(6, half), entry(5, half)];
  const first = nextRefill(wanted, read);
  expect(first).toEqual({ entries: read.slice(0, 2), used: 4, gone: [9, 7] });
  expect(nextRefill([5, 4], read.slice(2))).toEqual({ entries: [read[2]], used: 2, gone: [4] });
});

test('a refill of one entry beyond the limit still goes, and of none names them all', () => {
  const huge = entry(3, REFILL_MAX_BYTES);
  expect(nextRefill([3, 2], [huge, entry(2, 1)])).toEqual({ entries: [huge], used: 1, gone: [] });
  expect(nextRefill([3, 2], [])).toEqual({ entries: [], used: 2, gone: [3, 2] });
});
