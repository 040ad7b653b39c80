import type Database from 'better-sqlite3';
import { CONTENT_BYTES } from '../../../sync/protocol/ledger-proof.ts';
import { GENESIS_HASH } from '../../contract/index.ts';
import type { CopiedTable } from './copy-table.ts';
import { provedHeader } from './proved-header.ts';
import type { JournalOf } from './settle-salvaged.ts';

/**
 * Says again where the ledger begins, where the page that said so is lost. Not just before the first entry that is left: others
 * may be lost before it, and what lies at or below the base counts as pruned. Where it is not known entries are rather told as
 * lost that headquarters has than lost without a word.
 * @param copied how each table came over
 */
export function settleBase(
  db: Database.Database,
  copied: ReadonlyMap<string, CopiedTable>,
  journal: JournalOf,
): void {
  if (db.prepare('SELECT 1 FROM ledger_base').get() !== undefined) return;
  const seq = prunedUpTo(db, copied);
  const hash = hashOf(db, seq, journal);
  db.prepare('INSERT INTO ledger_base VALUES (1, ?, ?)').run(seq, hash);
}

/** A table that came over whole begins where pruning ended; else what is kept of pruned entries says it. */
function prunedUpTo(db: Database.Database, copied: ReadonlyMap<string, CopiedTable>): number {
  const numberOf = (sql: string): number | null =>
    db.prepare<[], { seq: number | null }>(sql).get()?.seq ?? null;
  const isWhole = (table: string): boolean => copied.get(table)?.state === 'whole';
  const first =
    (isWhole('ledger') ? numberOf('SELECT min(seq) AS seq FROM ledger') : null) ??
    (isWhole('outbox')
      ? numberOf(`SELECT min(seq) AS seq FROM outbox WHERE kind = 'entry'`)
      : null);
  if (first !== null) return first - 1;
  const kept = `max(first + length(contents) / ${CONTENT_BYTES} - 1)`;
  return numberOf(`SELECT ${kept} AS seq FROM ledger_pruned`) ?? 0;
}

/**
 * What the entry after the base is chained to: from the first entry that is left back through the journal's, so that another
 * ledger's journal says nothing; by the journal alone where no entry is left. Where nothing says it the entries behind the
 * base are lost, and what follows them is taken up by its own link.
 */
function hashOf(db: Database.Database, baseSeq: number, journal: JournalOf): string {
  if (baseSeq === 0) return GENESIS_HASH;
  const left = firstProved(db, baseSeq);
  if (left?.seq === baseSeq + 1) return left.prevHash;
  const before = left?.seq ?? baseSeq + 2;
  const entries = journal((seq) => seq > baseSeq && seq < before);
  const bySeq = new Map(entries.map(({ ledger }) => [ledger.seq, ledger]));
  let hash = left?.prevHash ?? bySeq.get(baseSeq + 1)?.hash;
  for (let seq = before - 1; seq > baseSeq; seq--) {
    const entry = bySeq.get(seq);
    const header = entry?.hash === hash && entry !== undefined ? provedHeader(entry) : undefined;
    if (header === undefined) return GENESIS_HASH;
    hash = header.prevHash;
  }
  return hash ?? GENESIS_HASH;
}

function firstProved(
  db: Database.Database,
  after: number,
): { readonly seq: number; readonly prevHash: string } | undefined {
  const rows = db.prepare<[number], { seq: number; header: string; hash: string }>(
    'SELECT seq, header, hash FROM ledger WHERE seq > ? ORDER BY seq',
  );
  for (const row of rows.iterate(after)) {
    const header = provedHeader(row);
    if (header?.seq === row.seq) return header;
  }
  return undefined;
}
