import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { checksOfDatabase } from '../../../../agent/main/commands/database-checks.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { HELD_BEATS_MAX } from '../../../../agent/store/ledger-journal/held-journal.ts';
import { flipBit } from '../../../support/damaged.ts';
import { imageOf, journalIn, segmentsOf, sell, seqsIn } from '../../../support/journal.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

/** What a virus scanner does to the journal's files. */
const scanner = vi.hoisted(() => ({ reads: false, renames: false, tries: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const refuse = (isHeld: boolean, path: unknown): void => {
    if (!isHeld || !String(path).includes('ledger-journal-')) return;
    scanner.tries += 1;
    throw Object.assign(new Error('resource busy or locked'), { code: 'EBUSY' });
  };
  return {
    ...fs,
    readFileSync(path: string, ...more: never[]) {
      refuse(scanner.reads, path);
      return fs.readFileSync(path, ...more);
    },
    renameSync(from: string, to: string) {
      refuse(scanner.renames, from);
      fs.renameSync(from, to);
    },
  };
});
beforeEach(() => void Object.assign(scanner, { reads: false, renames: false, tries: 0 }));

const checkOf = ({ store }: TestStore) =>
  checksOfDatabase(databaseFacts(store, 0)).find(({ check }) => check === 'ledger-journal');
const asideOf = ({ dataDir }: TestStore) =>
  readdirSync(dataDir).filter((name) => name.startsWith('damaged-'));

describe('a journal whose files another program holds at the start', () => {
  test('is said so while the till sells, and goes on in the same file once it is given', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    const files = segmentsOf(till);
    scanner.reads = true;
    till.reopen();
    sell(till, 4, 5);
    till.store.journal.beat();
    expect(till.store.journal.facts().state).toBe('held');
    expect(checkOf(till)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('another program'),
    });
    scanner.reads = false;
    for (let beat = 0; beat < 3; beat++) till.store.journal.beat();
    expect(till.store.journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    expect(checkOf(till)).toMatchObject({ ok: true });
    expect([seqsIn(till), segmentsOf(till), asideOf(till)]).toEqual([[1, 2, 3, 4, 5], files, []]);
  });

  test('loses what is erased meanwhile as soon as it is given', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    scanner.reads = true;
    till.reopen();
    const { keyId } = till.store.keys.forSubject('m-1' as MemberId);
    till.store.keys.erase('m-1' as MemberId);
    scanner.reads = false;
    expect(journalIn(till).secrets.has(keyId)).toBe(true);
    till.store.journal.beat();
    expect(journalIn(till).erasedKeys).toEqual(new Set([keyId]));
  });

  test('is tried ever less often, at last once a minute, and without waiting', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    scanner.reads = true;
    till.reopen();
    scanner.tries = 0;
    const at: number[] = [];
    for (let beat = 1; beat <= 4 * HELD_BEATS_MAX; beat++) {
      till.store.journal.beat();
      if (scanner.tries > at.length) at.push(beat);
    }
    expect(at).toEqual([1, 3, 7, 15, 31, 63, 127, 191, 255]);
  });

  test('and holds entries that the database lost is set aside and named, once others have their numbers', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 4);
    const { incarnation } = till.store;
    lose(till);
    scanner.reads = true;
    till.reopen();
    expect(till.store.incarnation).not.toBe(incarnation);
    sell(till, 12, 12);
    scanner.reads = false;
    till.store.journal.beat();
    expect(databaseFacts(till.store, 0)).toMatchObject({
      journalTrouble: { why: 'does-not-fit', notFitting: [3, 4] },
      journal: { state: 'whole', toSeq: 2 },
    });
    expect(asideOf(till)).toHaveLength(1);
  });
});

test('a damaged journal that cannot be set aside yet is, as soon as it can, and told once', () => {
  const till = openTestStore();
  sell(till, 1, 4);
  till.store.close();
  flipBit(segmentsOf(till)[0] ?? '', 300);
  scanner.renames = true;
  till.reopen();
  for (let beat = 0; beat < 20; beat++) till.store.journal.beat();
  expect(till.store.journal.facts().state).toBe('held');
  scanner.renames = false;
  for (let beat = 0; beat < HELD_BEATS_MAX; beat++) till.store.journal.beat();
  expect(till.store.journal.facts()).toMatchObject({ state: 'whole', toSeq: 4 });
  const told = till.store.audit.recent(50).filter(({ action }) => action.includes('set-aside'));
  expect([told, asideOf(till)].map(({ length }) => length)).toEqual([1, 1]);
});
