import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { ERASED_BYTE } from '../../../../agent/store/ledger-journal/journal-cipher.ts';
import { flipBit } from '../../../support/damaged.ts';
import { imageOf, journalIn, segmentsOf } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const MEMBER = 'm-1' as MemberId;

/** Sales of three members in turn. */
function sell(till: TestStore, from: number, to: number): void {
  for (let n = from; n <= to; n++) commitSale(till.store, n, `m-${n % 3}` as MemberId);
}

const asideOf = ({ dataDir }: TestStore) =>
  readdirSync(dataDir).filter((name) => name.startsWith('damaged-'));

const erasedIn = (till: TestStore) =>
  till.withSql((db) => db.prepare('SELECT key_id FROM erased_keys').pluck().all());

/** What a power cut leaves of an erasure: the first blocks of the first of the member's secrets are overwritten. */
function cutErasureShort(till: TestStore) {
  const [segment = ''] = segmentsOf(till);
  const { keyId } = till.store.keys.forSubject(MEMBER);
  const places = journalIn(till).secrets.get(keyId) ?? [];
  const before = readFileSync(segment);
  till.store.keys.erase(MEMBER);
  till.store.close();
  const [{ at = 0 } = {}] = places;
  readFileSync(segment).copy(before, at, at, at + 600);
  writeFileSync(segment, before);
  return { keyId, at: places.map(({ at: from, bytes }) => ({ from, to: from + bytes })) };
}

describe('a member who was erased and buys again', () => {
  test('has the second key where the log is lost with the erasure, and the first one stays erased', () => {
    const till = openTestStore();
    commitSale(till.store, 1, MEMBER);
    const lose = imageOf(till);
    const first = till.store.keys.forSubject(MEMBER);
    till.store.keys.erase(MEMBER);
    const { keyId } = commitSale(till.store, 2, MEMBER).header;
    const second = till.store.keys.byId(keyId);
    lose(till);
    till.reopen();
    expect(till.store.keys.byId(first.keyId)).toBeUndefined();
    expect(till.store.keys.byId(keyId)).toEqual(second);
    expect(till.store.sync.nextUpload(9, 1_000_000)).toMatchObject([
      { no: 1, key: null },
      { no: 2, key: Buffer.from(second?.key ?? []).toString('base64') },
      { no: 3, kind: 'audit' },
    ]);
    expect(erasedIn(till)).toEqual([first.keyId]);
  });

  test('has it also where the first sale has left the journal', () => {
    const till = openTestStore();
    commitSale(till.store, 1, MEMBER);
    const lose = imageOf(till);
    const first = till.store.keys.forSubject(MEMBER).keyId;
    till.store.keys.erase(MEMBER);
    const { keyId } = commitSale(till.store, 2, MEMBER).header;
    lose(till);
    const [segment = ''] = segmentsOf(till);
    const bytes = readFileSync(segment);
    writeFileSync(segment, bytes.fill(0, 0, bytes.length / 2));
    till.reopen();
    expect(till.store.keys.byId(first)).toBeUndefined();
    expect(till.store.keys.byId(keyId)).toBeDefined();
    expect(erasedIn(till)).toEqual([first]);
  });
});

describe('an erasure', () => {
  test('that is lost with the log is done again, for the journal shows it, and is told', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    const lose = imageOf(till);
    const { keyId } = till.store.keys.forSubject(MEMBER);
    till.store.keys.erase(MEMBER);
    lose(till);
    till.reopen();
    expect(till.store.keys.byId(keyId)).toBeUndefined();
    expect(till.store.keys.byId(till.store.ledger.bySeq(2)?.header.keyId ?? '')).toBeDefined();
    expect(till.store.audit.recent(1)).toMatchObject([
      { action: 'keys-erased-again', detail: { keys: 1 } },
    ]);
    till.reopen();
    expect(till.store.audit.recent(10)).toHaveLength(1);
  });

  test.each([0, 0xff])(
    'is not what a secret of bytes %i shows that never reached the disk',
    async (byte) => {
      const till = openTestStore();
      sell(till, 1, 4);
      const [segment = ''] = segmentsOf(till);
      const { keyId } = till.store.keys.forSubject(MEMBER);
      const bytes = readFileSync(segment);
      for (const { at, bytes: length } of journalIn(till).secrets.get(keyId) ?? [])
        bytes.fill(byte, at, at + length);
      till.store.close();
      writeFileSync(segment, bytes);
      till.reopen();
      expect(till.store.keys.byId(keyId)).toBeDefined();
      await vi.waitFor(() => {
        till.store.journal.beat();
        expect(journalIn(till).secrets.get(keyId)).toHaveLength(2);
      }, 10_000);
    },
  );

  test('that a power cut ended halfway is ended at the next start, and is no damage', () => {
    const till = openTestStore();
    sell(till, 1, 6);
    const { keyId, at } = cutErasureShort(till);
    expect(at).toHaveLength(2);
    expect(journalIn(till).damagedKeys).toEqual(new Set([keyId]));
    till.reopen();
    expect(databaseFacts(till.store, 0)).toMatchObject({ journalTrouble: null, setAside: [] });
    expect(journalIn(till).secrets.has(keyId)).toBe(false);
    expect(journalIn(till)).toMatchObject({ damagedKeys: new Set(), erasedKeys: new Set([keyId]) });
  });

  test('that a power cut ended between two secrets is ended where the log is lost, too', () => {
    const till = openTestStore();
    sell(till, 1, 6);
    const lose = imageOf(till);
    const [segment = ''] = segmentsOf(till);
    const { keyId, at } = cutErasureShort(till);
    const bytes = readFileSync(segment).fill(ERASED_BYTE, at[0]?.from, at[0]?.to);
    bytes.fill(ERASED_BYTE, at[1]?.from, (at[1]?.from ?? 0) + 600);
    writeFileSync(segment, bytes);
    till.reopen();
    lose(till);
    writeFileSync(segment, bytes);
    till.reopen();
    expect(till.store.keys.byId(keyId)).toBeUndefined();
    expect(databaseFacts(till.store, 0).journalTrouble).toBeNull();
    expect(journalIn(till).secrets.has(keyId)).toBe(false);
  });

  test('leaves no key in a journal that is set aside: neither behind its own half nor behind other damage', () => {
    const till = openTestStore();
    sell(till, 1, 6);
    const { keyId } = cutErasureShort(till);
    const [segment = ''] = segmentsOf(till);
    const other = [...journalIn(till).secrets].find(([id]) => id !== keyId)?.[1][0]?.at ?? 0;
    flipBit(segment, other + 9);
    till.reopen();
    const [aside = ''] = asideOf(till);
    expect(databaseFacts(till.store, 0).journalTrouble).toMatchObject({ why: 'damaged' });
    writeFileSync(segment, readFileSync(join(till.dataDir, aside)));
    expect(journalIn(till).secrets.has(keyId)).toBe(false);
    expect(journalIn(till).erasedKeys).toEqual(new Set([keyId]));
  });
});
