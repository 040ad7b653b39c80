import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assert } from '../../../../agent/contract/index.ts';
import { lastRepair } from '../../../../agent/main/last-repair.ts';
import { type Chance, createChance } from '../../../../agent/main/simulate/chance.ts';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../../../agent/store/store.ts';
import {
  closeTill,
  damagedCopy,
  journalOf,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  type SoldFolder,
  treesOf,
} from '../../../support/damaged.ts';
import { must } from '../../../support/must.ts';

const SEEDS = 12;
const SALES = 60;
const [RECEIVED, PRUNED] = [30, 20];

interface Till extends SoldFolder {
  readonly trees: ReadonlyMap<string, readonly number[]>;
  readonly received: number;
  readonly pruned: number;
}

const fresh = withTrees(makeSoldFolder({ sales: SALES, members: 20 }), 0, 0);
const grown = withTrees(makeGrown(), RECEIVED, PRUNED);
afterAll(() => {
  fresh.remove();
  grown.remove();
});

function withTrees(folder: SoldFolder, received: number, pruned: number): Till {
  return { ...folder, trees: treesOf(folder), received, pruned };
}

/** A till that headquarters has half of, with a third pruned. */
function makeGrown(): SoldFolder {
  const folder = makeSoldFolder({ sales: SALES, members: 20 });
  const db = openDatabase(join(folder.dataDir, folder.file), folder.key, false);
  db.exec(`UPDATE sync_state SET received_no = ${RECEIVED}, received_seq = ${RECEIVED}, backed_up_seq = ${RECEIVED};
    INSERT INTO received_marks VALUES (1, 0, ${RECEIVED}), (99, 8640000000, ${RECEIVED})`);
  db.close();
  const till = must(openLikeTill(folder.dataDir, folder.key));
  const pruned = till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, PRUNED);
  assert(pruned === PRUNED, 'what headquarters has backed up long ago is pruned');
  closeTill(till);
  return folder;
}

/**
 * Pages of any tables. The first seeds draw on purpose what says where the ledger begins: its base, its first entries and, for
 * some, their rows of the outbox and what is left of pruned entries.
 */
function drawPages(chance: Chance, { trees }: Till, isOnPurpose: boolean): string[] {
  const some = (table: string, nth: number): string[] =>
    (trees.get(table) ?? []).length > nth ? [`${table}[${nth}]`] : [];
  const onPurpose = isOnPurpose
    ? [
        ...some('ledger_base', 0),
        ...some('ledger', 1),
        ...(chance.happens(0.5) ? some('ledger', 2) : []),
        ...(chance.happens(0.7) ? some('outbox', 1) : []),
        ...(chance.happens(0.3) ? some('ledger_pruned', 0) : []),
      ]
    : [];
  const tables = [...trees.keys()].sort();
  const atRandom = Array.from({ length: chance.between(isOnPurpose ? 0 : 2, 6) }, () => {
    const table = chance.pick(tables);
    return `${table}[${chance.below(trees.get(table)?.length ?? 1)}]`;
  });
  return [...new Set([...onPurpose, ...atRandom])].slice(0, 6);
}

function pageOf({ trees }: Till, name: string): number {
  const [, table = '', nth = ''] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
  return trees.get(table)?.[Number(nth)] ?? 0;
}

/** Each entry has one row of the outbox, and its numbers have no gap. */
function expectWholeOutbox({ file }: Store, key: Uint8Array): void {
  const db = openDatabase(file, key, false);
  try {
    const rows = db
      .prepare<[], { no: number; seq: number | null }>(
        `SELECT no, CASE kind WHEN 'entry' THEN seq END AS seq FROM outbox ORDER BY no`,
      )
      .all();
    const first = rows[0]?.no ?? 0;
    expect(rows.map(({ no }) => no)).toEqual(rows.map((_, i) => first + i));
    const seqs = rows.flatMap(({ seq }) => (seq === null ? [] : [seq]));
    const entries = db.prepare<[], number>('SELECT seq FROM ledger ORDER BY seq').pluck().all();
    expect(seqs.toSorted((one, other) => one - other)).toEqual(entries);
  } finally {
    db.close();
  }
}

/** Ruins pages of a copy; what the till then opens with lacks no entry without a word. */
function prove(seed: number): void {
  const chance = createChance(`salvage ${seed}`);
  const till = seed % 2 === 0 ? grown : fresh;
  const pages = drawPages(chance, till, seed % 3 === 1);
  const hasJournal = Math.floor(seed / 2) % 2 === 1;
  const what = `${till === grown ? 'grown' : 'fresh'}, journal ${hasJournal}: ${pages.join(' ')}`;
  const copy = damagedCopy(till, (path) => {
    for (const page of pages) ruinPage(path, pageOf(till, page));
    if (!hasJournal) rmSync(journalOf(path));
  });
  const opened = must(openLikeTill(copy.dataDir, till.key));
  const { store, salvage } = opened;
  expect(store.ledger.base().seq, what).toBeLessThanOrEqual(till.pruned);
  const seqs = till.sold.map((saleId, i) => ({ saleId, seq: i + 1 }));
  const missing = seqs
    .filter(({ saleId }) => store.ledger.bySale(saleId as never).length === 0)
    .map(({ seq }) => seq)
    .filter((seq) => seq > till.pruned);
  const told = [...(salvage?.ledger?.lost ?? []), ...store.ledgerFacts().missing];
  const untold = missing.filter(
    (seq) => !told.some(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq),
  );
  expect(untold, what).toEqual([]);
  if (hasJournal) expect(missing, what).toEqual([]);
  const unsent = missing.filter((seq) => seq > till.received).length;
  const shown = lastRepair(store, () => undefined)?.lostEntries ?? 0;
  expect(shown, what).toBeGreaterThanOrEqual(unsent);
  expect(verifyLedger(store), what).toMatchObject({ ok: true });
  expectWholeOutbox(store, till.key);
  closeTill(opened);

  const again = must(openLikeTill(copy.dataDir, till.key));
  expect(again.salvage, what).toBeUndefined();
  again.store.sync.nextUpload(SALES * 2, 4_000_000);
  closeTill(again);
  copy.remove();
}

test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
  'ruined pages of any tables stop no till and take no sale without a word, seed %i',
  prove,
);
