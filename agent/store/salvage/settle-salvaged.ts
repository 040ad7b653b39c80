import type Database from 'better-sqlite3';
import { type EntryHeader, GENESIS_HASH } from '../../contract/index.ts';
import type { JournalEntry } from '../ledger-journal/journal-entry.ts';
import { type PutBack, putBack } from '../ledger-journal/put-back.ts';
import { createConnection } from '../sqlite/connection.ts';
import type { CopiedTable } from './copy-table.ts';
import { provedHeader } from './proved-header.ts';
import { settleBase } from './settle-base.ts';

/** Entries from one number to another. */
export interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** What the salvaged ledger is worth. */
export interface SettledLedger {
  readonly entries: number;
  readonly headSeq: number;
  /** Not there any more. Headquarters has those up to `receivedSeq`. */
  readonly lost: readonly SeqRange[];
  readonly receivedSeq: number;
  /** Taken out again because they are not what their hash says. */
  readonly unproved: readonly number[];
  /** Lost entries that headquarters never confirmed: gone, but for the POS's own record. */
  readonly lostUnsent: number;
  /** Whether the last entry is proved to be the last one that was booked. */
  readonly headProved: boolean;
  /** Entries that came back of the journal beside the database, and those of it that fit nowhere. */
  readonly fromJournal: PutBack;
}

/** The journal beside the database: answers its entries of the numbers that are asked for. */
export type JournalOf = (isWanted: (seq: number) => boolean) => readonly JournalEntry[];

interface Row {
  readonly seq: number;
  readonly header: string;
  readonly hash: string;
}

/**
 * Judges the entries that were salvaged, and puts outbox and movements in order beside them. Triggers stand aside.
 * @param copied how each table came over
 * @param marked the last entry that the mark beside the damaged file knows
 * @param journal absent = there is none
 */
export function settleSalvaged(
  db: Database.Database,
  copied: ReadonlyMap<string, CopiedTable>,
  marked: number,
  nowMs: number,
  journal: JournalOf = () => [],
): SettledLedger {
  // Tables of one row that were lost begin anew.
  db.exec('INSERT OR IGNORE INTO sync_state (one) VALUES (1)');
  settleBase(db, copied, journal);
  const unproved = removeUnproved(db);
  const { isUnsent, ...fromJournal } = takeFromJournal(db, journal, nowMs);
  const { base, rows, receivedSeq, receivedNo } = readState(db);
  const lost: SeqRange[] = [];
  let at = base.seq;
  let linkBroken = false;
  let hash = base.hash;
  for (const row of rows) {
    if (row.seq > at + 1) lost.push({ fromSeq: at + 1, toSeq: row.seq - 1 });
    else if ((JSON.parse(row.header) as EntryHeader).prevHash !== hash) linkBroken = true;
    [at, hash] = [row.seq, row.hash];
  }
  const witness = Math.max(witnessSeq(db, receivedSeq), marked);
  if (witness > at) lost.push({ fromSeq: at + 1, toSeq: witness });
  const endRead = (table: string): boolean => copied.get(table)?.endRead === true;
  const lostUnsent = lost.reduce(
    (sum, { fromSeq, toSeq }) => sum + Math.max(0, toSeq - Math.max(fromSeq - 1, receivedSeq)),
    0,
  );
  const outboxWhole = settleOutbox(db, { baseSeq: base.seq, receivedNo, receivedSeq }, nowMs);
  return {
    entries: rows.length,
    headSeq: at,
    lost,
    receivedSeq,
    unproved,
    lostUnsent,
    headProved:
      endRead('ledger') &&
      endRead('outbox') &&
      outboxWhole &&
      !linkBroken &&
      !isUnsent &&
      witness <= at,
    fromJournal,
  };
}

/** @returns what came back, and whether headquarters has yet to confirm some of it */
function takeFromJournal(
  db: Database.Database,
  journal: JournalOf,
  nowMs: number,
): PutBack & { readonly isUnsent: boolean } {
  const { rows, receivedSeq } = readState(db);
  const held = new Set(rows.map(({ seq }) => seq));
  const knownSeq = Math.max(rows.at(-1)?.seq ?? 0, witnessSeq(db, receivedSeq));
  const entries = journal((seq) => !held.has(seq));
  const options = { tillId: undefined, knownSeq, nowMs, outboxIsSettledAfter: true };
  const back = putBack(createConnection(db), entries, options);
  return { ...back, isUnsent: back.entries.some((seq) => seq > receivedSeq) };
}

/** Whatever is not what it was hashed as stays in the damaged file alone. */
function removeUnproved(db: Database.Database): number[] {
  const wrong: number[] = [];
  for (const row of db.prepare<[], Row>('SELECT seq, header, hash FROM ledger').iterate())
    if (provedHeader(row)?.seq !== row.seq) wrong.push(row.seq);
  const remove = db.prepare('DELETE FROM ledger WHERE seq = ?');
  for (const seq of wrong) remove.run(seq);
  return wrong;
}

function readState(db: Database.Database): {
  readonly base: { readonly seq: number; readonly hash: string };
  readonly rows: readonly Row[];
  readonly receivedSeq: number;
  readonly receivedNo: number;
} {
  const base = db
    .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM ledger_base')
    .get() ?? { seq: 0, hash: GENESIS_HASH };
  const rows = db
    .prepare<[number], Row>('SELECT seq, header, hash FROM ledger WHERE seq > ? ORDER BY seq')
    .all(base.seq);
  const state = db
    .prepare<[], { seq: number; no: number }>(
      'SELECT received_seq AS seq, received_no AS no FROM sync_state',
    )
    .get();
  return { base, rows, receivedSeq: state?.seq ?? 0, receivedNo: state?.no ?? 0 };
}

/** The highest entry that any other table speaks of: each was written in the entry's own transaction. */
function witnessSeq(db: Database.Database, receivedSeq: number): number {
  const asked = db
    .prepare<[], { seq: number | null }>(`
      SELECT max(seq) AS seq FROM (
        SELECT max(seq) AS seq FROM outbox WHERE kind = 'entry'
        UNION ALL SELECT max(seq) FROM points_movements
        UNION ALL SELECT max(json_extract(body, '$.seq')) FROM holds WHERE state = 'COMMITTED')`)
    .get();
  return Math.max(receivedSeq, asked?.seq ?? 0);
}

/**
 * Gives each entry its row, and each row something to tell: numbers go on without a gap, and what was lost is told to
 * headquarters as an audit row in its place. Rows that headquarters has received are put in order too, since it may be
 * restored and ask for them again. An entry takes the place of a lost row only where its number lies between those of the
 * entries beside it; one that has no such place goes to the end, and the till has to go on under a fresh incarnation.
 * @returns whether every entry has its place
 */
function settleOutbox(
  db: Database.Database,
  {
    baseSeq,
    receivedNo,
    receivedSeq,
  }: { readonly baseSeq: number; readonly receivedNo: number; readonly receivedSeq: number },
  nowMs: number,
): boolean {
  const insert = db.prepare('INSERT INTO outbox (no, kind, seq, at_ms) VALUES (?, ?, ?, ?)');
  const replace = db.prepare(`UPDATE outbox SET kind = 'audit', seq = ?, body = NULL WHERE no = ?`);
  const note = db.prepare<[number, string], { no: number }>(
    `INSERT INTO audit (at_ms, staff_id, action, detail) VALUES (?, NULL, 'salvage-row-lost', ?) RETURNING no`,
  );
  const audit = (what: object): number => note.get(nowMs, JSON.stringify(what))?.no ?? 0;

  const dangling = db
    .prepare<[number], { no: number; kind: string; seq: number }>(`
      SELECT no, kind, seq FROM outbox o WHERE seq > ?
        AND kind = 'entry' AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.seq = o.seq)
      UNION ALL SELECT no, kind, seq FROM outbox o
        WHERE kind = 'audit' AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.no = o.seq)`)
    .all(baseSeq);
  for (const { no, kind, seq } of dangling) replace.run(audit({ kind, seq }), no);

  const rows = db
    .prepare<[], OutboxPlace>(
      `SELECT no, CASE kind WHEN 'entry' THEN seq END AS seq FROM outbox ORDER BY no`,
    )
    .all();
  const homeless = db
    .prepare<[number], { seq: number; at: string }>(`
      SELECT seq, header ->> '$.at' AS at FROM ledger l WHERE seq > ?
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'entry' AND o.seq = l.seq) ORDER BY seq`)
    .all(baseSeq);
  // Every entry has one row, so its number is never below its place in the ledger.
  const most = Math.max(rows.at(-1)?.no ?? 0, receivedNo, baseSeq);
  // Where nothing was pruned the outbox begins with 1; else just before what is left of it.
  const firstNo = rows[0]?.no ?? receivedNo + 1;
  const firstSeq = rows.find(({ seq }) => seq !== null)?.seq ?? receivedSeq + 1;
  const before = homeless.filter(({ seq }) => seq < firstSeq).length;
  const begin = baseSeq === 0 ? 1 : Math.max(baseSeq + 1, firstNo - before);
  const lowest = Math.min(begin, rows[0]?.no ?? begin);

  const limits = seqsAfter(rows);
  let [lastSeq, next, waiting] = [baseSeq, 0, 0];
  const left: typeof homeless = [];
  for (let no = lowest; no <= most; no++) {
    const row = rows[next];
    if (row?.no === no) {
      lastSeq = row.seq ?? lastSeq;
      next += 1;
      continue;
    }
    for (; (homeless[waiting]?.seq ?? lastSeq + 1) <= lastSeq; waiting++)
      left.push(...homeless.slice(waiting, waiting + 1));
    const entry = homeless[waiting];
    if (entry === undefined || entry.seq >= (limits[next] ?? Number.POSITIVE_INFINITY)) {
      insert.run(no, 'audit', audit({ kind: 'outbox', no }), nowMs);
      continue;
    }
    insert.run(no, 'entry', entry.seq, Date.parse(entry.at));
    lastSeq = entry.seq;
    waiting += 1;
  }
  left.push(...homeless.slice(waiting));
  for (const [i, entry] of left.entries())
    insert.run(most + 1 + i, 'entry', entry.seq, Date.parse(entry.at));
  return left.length === 0;
}

interface OutboxPlace {
  readonly no: number;
  /** Of an entry. */
  readonly seq: number | null;
}

/** From each row on, the entry of the first one that has one. */
function seqsAfter(rows: readonly OutboxPlace[]): (number | undefined)[] {
  let after: number | undefined;
  return rows
    .toReversed()
    .map(({ seq }) => {
      after = seq ?? after;
      return after;
    })
    .reverse();
}
