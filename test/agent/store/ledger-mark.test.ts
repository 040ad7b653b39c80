import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { MARK_ENDING, readMark } from '../../../agent/store/ledger-mark.ts';
import { commitSale } from '../../support/ledger.ts';
import { openTestStore } from '../../support/store.ts';

test('a mark with one flipped bit never names another entry than the last one', () => {
  const { store } = openTestStore();
  commitSale(store, 1, 'm-1' as MemberId);
  const right = readMark(store.file);
  expect(right).toEqual(store.ledger.head());
  const path = store.file + MARK_ENDING;
  const bytes = readFileSync(path);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(path, flipped);
    expect([right, undefined]).toContainEqual(readMark(store.file));
  }
});
