import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { noteDamage } from '../../../../agent/store/salvage/damage-note.ts';
import {
  closeTill,
  damagedCopy,
  journalOf,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import {
  journalIn,
  LARGE_JOURNAL,
  segmentsOf,
  sell,
  seqsIn,
  smallJournal,
} from '../../../support/journal.ts';
import { must } from '../../../support/must.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

/** Of a database that is too big to be read whole at a start. */
const start = vi.hoisted(() => ({ readsAll: true }));
vi.mock('../../../../agent/store/integrity/find-damage.ts', async (original) => {
  const { findDamage } =
    await original<typeof import('../../../../agent/store/integrity/find-damage.ts')>();
  const find: typeof findDamage = (...found) => (start.readsAll ? findDamage(...found) : undefined);
  return { findDamage: find };
});

/** Takes an entry out of the ledger, as a salvage leaves one whose page was beyond mending. */
const lose = (till: TestStore, seq: number): unknown =>
  till.withSql((db) =>
    db.exec(
      `PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS ledger_keeps_entries; DELETE FROM ledger WHERE seq = ${seq}`,
    ),
  );

/** Fills the record of an entry with zeros, as a power cut leaves it whose blocks never reached the disk. */
function tear(till: TestStore, seq: number): void {
  const [path = ''] = segmentsOf(till);
  const bytes = readFileSync(path);
  const recordBytes = bytes.length / journalIn(till).entries.length;
  expect(recordBytes % 512).toBe(0);
  writeFileSync(path, bytes.fill(0, (seq - 1) * recordBytes, seq * recordBytes));
}

test('a gap that the ledger itself has is none of the journal: it is the same file over starts', () => {
  const till = openTestStore();
  sell(till, 1, 6);
  lose(till, 3);
  till.store.close();
  for (const path of segmentsOf(till)) rmSync(path);
  till.reopen();
  const [path = ''] = segmentsOf(till);
  // Written anew it has other nonces.
  const bytes = readFileSync(path);
  till.reopen();
  expect(segmentsOf(till)).toEqual([path]);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(seqsIn(till)).toEqual([1, 2, 4, 5, 6]);
});

test('an entry that the ledger has and the journal lacks is a gap of the journal: it is made anew', () => {
  const till = openTestStore();
  sell(till, 1, 6);
  const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
  till.withSql((db) => db.prepare('CREATE TABLE kept AS SELECT * FROM ledger WHERE seq = 3').run());
  lose(till, 3);
  const journal = open();
  journal.beat();
  journal.close();
  expect(seqsIn(till, dataDir)).toEqual([1, 2, 4, 5, 6]);
  const [lacking = ''] = segmentsOf({ dataDir });
  till.withSql((db) => db.exec('INSERT INTO ledger SELECT * FROM kept; DROP TABLE kept'));
  till.store.close();
  const [own = ''] = segmentsOf(till);
  const bytes = readFileSync(lacking);
  writeFileSync(own, bytes);
  till.reopen();
  expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a journal that a power cut tore stays until the one made anew has all of the ledger and is flushed', async () => {
  const till = openTestStore();
  sell(till, 1, 40);
  till.store.close();
  tear(till, 30);
  const [torn = ''] = segmentsOf(till);
  till.reopen();
  // Another kill before all of it is written, and one more start.
  till.reopen();
  expect(segmentsOf(till)).toContain(torn);
  expect(till.store.journal.facts().state).toBe('behind');
  expect(new Set(seqsIn(till)).has(40)).toBe(true);
  till.store.journal.beat();
  expect(seqsIn(till)).toHaveLength(40);
  expect(segmentsOf(till)).toContain(torn);
  // A flush is done on another thread.
  await vi.waitFor(() => {
    till.store.journal.beat();
    expect(segmentsOf(till)).toHaveLength(1);
  }, 10_000);
  expect(segmentsOf(till)).not.toContain(torn);
  expect(till.store.journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 40 });
  expect(journalIn(till).state).toBe('whole');
});

test('a torn journal gives back what a page of the ledger loses before it is made anew', () => {
  const folder = makeSoldFolder({ sales: 24, members: 5 });
  const pages = treesOf(folder).get('ledger') ?? [];
  const copy = damagedCopy(folder, (path) => {
    const journal = journalOf(path);
    const bytes = readFileSync(journal);
    const recordBytes = bytes.length / folder.sold.length;
    expect(recordBytes % 512).toBe(0);
    writeFileSync(journal, bytes.fill(0, 19 * recordBytes, 20 * recordBytes));
    ruinPage(path, pages[3] ?? 0);
  });
  start.readsAll = false;
  const first = must(openLikeTill(copy.dataDir, folder.key));
  start.readsAll = true;
  expect(first.salvage).toBeUndefined();
  let told: string | undefined;
  first.store.onDamaged((damage) => {
    told = damage;
  });
  for (let beat = 0; beat < 3; beat++) first.store.journal.beat();
  closeTill(first);
  expect(told).toContain('SQLITE_CORRUPT');
  noteDamage(copy.dataDir, '', told ?? '');
  const second = must(openLikeTill(copy.dataDir, folder.key));
  expect(missingSales(second.store, folder.sold)).toEqual([]);
  closeTill(second);
  copy.remove();
  folder.remove();
});
