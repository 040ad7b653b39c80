import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { imageOf, journalIn, segmentsOf, sell } from '../../../support/journal.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

describe('an erased member', () => {
  const ERASED = 'm-1' as MemberId;
  const secretsOf = (till: TestStore) =>
    journalIn(till).entries.map(({ ledger, secret }) => (secret === null ? 0 : ledger.seq));

  test('has no key in the journal any more, nor what is sealed beside it; everybody else has', () => {
    const till = openTestStore();
    sell(till, 1, 7);
    const { key } = till.store.keys.forSubject(ERASED);
    expect(plainOf(till)).toContain(Buffer.from(key).toString('base64'));
    till.store.keys.erase(ERASED);
    expect(secretsOf(till)).toEqual([0, 2, 3, 0, 5, 6, 0]);
    expect(plainOf(till)).not.toContain(Buffer.from(key).toString('base64'));
    expect(journalIn(till).state).toBe('whole');
    sell(till, 8, 8);
    expect(secretsOf(till)).toEqual([0, 2, 3, 0, 5, 6, 0, 8]);
  });

  test('has none after a restart either where the till was killed before it was overwritten', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    const [segment = ''] = segmentsOf(till);
    const before = readFileSync(segment);
    till.store.keys.erase(ERASED);
    till.store.close();
    expect(readFileSync(segment).equals(before)).toBe(false);
    writeFileSync(segment, before);
    expect(secretsOf(till)).toEqual([1, 2, 3, 4]);
    till.reopen();
    expect(secretsOf(till)).toEqual([0, 2, 3, 0]);
  });

  test('comes back without a key where the log is lost, and the entry is as it was', () => {
    const till = openTestStore();
    sell(till, 2, 3);
    const lose = imageOf(till);
    sell(till, 4, 4);
    const row = till.store.ledger.bySeq(3);
    till.store.keys.erase(ERASED);
    lose(till);
    till.reopen();
    expect(till.store.ledger.bySeq(3)).toEqual(row);
    expect(till.store.keys.byId(row?.header.keyId ?? '')).toBeUndefined();
  });

  function plainOf(till: TestStore): string {
    return JSON.stringify(journalIn(till).entries);
  }
});
