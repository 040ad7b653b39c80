import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { RENEWALS_MAX, RENEWALS_WITHIN_MS } from '../../../agent/store/incarnations.ts';
import { commitSale } from '../../support/ledger.ts';
import { openTestStore } from '../../support/store.ts';

describe('the wish for a fresh incarnation', () => {
  test('is granted once for the one that was refused, also where nothing was sold under it', () => {
    const till = openTestStore();
    commitSale(till.store, 1, 'm-1' as MemberId);
    const names = [till.store.incarnation];
    for (let n = 1; n <= 2; n++) {
      expect(till.store.wantIncarnation()).toBe(true);
      names.push(till.reopen().incarnation);
      names.push(till.reopen().incarnation);
    }
    expect(new Set(names).size).toBe(3);
    expect(names[1]).toBe(names[2]);
    // Where it began is known to headquarters of it, whatever the former one went on to.
    const [, last] = till.store.sync.former();
    expect(till.store.sync.isHeadKnown(last as never)).toBe(true);
  });

  test('is wanted where headquarters has a row that this database lost, behind its last entry', () => {
    const { store } = openTestStore();
    commitSale(store, 1, 'm-1' as MemberId);
    const head = { seq: 1, hash: store.ledger.bySeq(1)?.hash ?? '' };
    expect(store.sync.isHeadKnown({ ...head, outboxNo: 1 })).toBe(true);
    expect(store.sync.isHeadKnown({ ...head, outboxNo: 2 })).toBe(false);
  });

  test('is refused after it did not help so often, until the time is over', () => {
    const till = openTestStore();
    for (let n = 0; n < RENEWALS_MAX; n++) {
      expect(till.store.wantIncarnation()).toBe(true);
      till.reopen();
    }
    const { incarnation } = till.store;
    expect(till.store.wantIncarnation()).toBe(false);
    expect(till.reopen().incarnation).toBe(incarnation);
    till.clock.nowMs += RENEWALS_WITHIN_MS;
    expect(till.store.wantIncarnation()).toBe(true);
  });
});
