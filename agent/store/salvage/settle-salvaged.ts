import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { type EntryHeader, GENESIS_HASH } from '../../contract/index.ts';
import type { CopiedTable } from './copy-table.ts';

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
}

interface Row {
  readonly seq: number;
  readonly header: string;
  readonly hash: string;
}

/**
 * Judges the entries that were salvaged, and puts outbox and movements in order beside them. Triggers stand aside.
 * @param copied how each table came over
 * @param marked the last entry that the mark beside the damaged file knows
 */
export function settleSalvaged(
  db: Database.Database,
  copied: ReadonlyMap<string, CopiedTable>,
  marked: number,
  nowMs: number,
): SettledLedger {
  settleSingleRows(db);
  const unproved = removeUnproved(db);
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
  const outboxWhole = settleOutbox(db, receivedNo, nowMs);
  return {
    entries: rows.length,
    headSeq: at,
    lost,
    receivedSeq,
    unproved,
    lostUnsent,
    headProved:
      endRead('ledger') && endRead('outbox') && outboxWhole && !linkBroken && witness <= at,
  };
}

/** Tables of one row that were lost begin anew; the ledger's base is what its first entry follows. */
function settleSingleRows(db: Database.Database): void {
  db.exec('INSERT OR IGNORE INTO sync_state (one) VALUES (1)');
  const first = db
    .prepare<[], Row>('SELECT seq, header, hash FROM ledger ORDER BY seq LIMIT 1')
    .get();
  const header = first === undefined ? undefined : (parsed(first) ?? undefined);
  db.prepare('INSERT OR IGNORE INTO ledger_base VALUES (1, ?, ?)').run(
    first === undefined ? 0 : first.seq - 1,
    header?.prevHash ?? GENESIS_HASH,
  );
}

/** Whatever is not what it was hashed as stays in the damaged file alone. */
function removeUnproved(db: Database.Database): number[] {
  const wrong: number[] = [];
  for (const row of db.prepare<[], Row>('SELECT seq, header, hash FROM ledger').iterate())
    if (parsed(row)?.seq !== row.seq) wrong.push(row.seq);
  const remove = db.prepare('DELETE FROM ledger WHERE seq = ?');
  for (const seq of wrong) remove.run(seq);
  return wrong;
}

/** The header of an entry that is what its hash says. */
function parsed({ header, hash }: Row): EntryHeader | undefined {
  if (createHash('sha256').update(header).digest('hex') !== hash) return undefined;
  return JSON.parse(header) as EntryHeader;
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
 * Gives each entry that waits its row, and each row something to tell: numbers go on without a gap, and what was lost is
 * told to headquarters as an audit row in its place.
 * @returns whether nothing was missing at its end
 */
function settleOutbox(db: Database.Database, receivedNo: number, nowMs: number): boolean {
  const has = db.prepare<[number], { n: number }>('SELECT 1 AS n FROM outbox WHERE no = ?');
  const insert = db.prepare('INSERT INTO outbox (no, kind, seq, at_ms) VALUES (?, ?, ?, ?)');
  const replace = db.prepare(`UPDATE outbox SET kind = 'audit', seq = ?, body = NULL WHERE no = ?`);
  const note = db.prepare<[number, string], { no: number }>(
    `INSERT INTO audit (at_ms, staff_id, action, detail) VALUES (?, NULL, 'salvage-row-lost', ?) RETURNING no`,
  );
  const audit = (what: object): number => note.get(nowMs, JSON.stringify(what))?.no ?? 0;

  const dangling = db
    .prepare<[number], { no: number; kind: string; seq: number }>(`
      SELECT no, kind, seq FROM outbox o WHERE no > ?
        AND ((kind = 'entry' AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.seq = o.seq))
          OR (kind = 'audit' AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.no = o.seq)))`)
    .all(receivedNo);
  for (const { no, kind, seq } of dangling) replace.run(audit({ kind, seq }), no);

  // What headquarters has received need not be sent, and is left out where its row is gone.
  const [bounds] = db
    .prepare<[], { most: number | null }>('SELECT max(no) AS most FROM outbox')
    .all();
  const most = Math.max(bounds?.most ?? 0, receivedNo);
  const homeless = db
    .prepare<[number], { seq: number; at: string }>(`
      SELECT seq, header ->> '$.at' AS at FROM ledger l WHERE seq > ?
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'entry' AND o.seq = l.seq) ORDER BY seq`)
    .all(
      db.prepare<[], { seq: number }>('SELECT received_seq AS seq FROM sync_state').get()?.seq ?? 0,
    );
  for (let no = receivedNo + 1; no <= most; no++) {
    if (has.get(no) !== undefined) continue;
    const entry = homeless.shift();
    if (entry === undefined) insert.run(no, 'audit', audit({ kind: 'outbox', no }), nowMs);
    else insert.run(no, 'entry', entry.seq, Date.parse(entry.at));
  }
  const isWhole = homeless.length === 0;
  let no = most;
  for (const entry of homeless) insert.run(++no, 'entry', entry.seq, Date.parse(entry.at));
  // The last row stays, so that its number is not taken twice.
  if (no > 0 && has.get(no) === undefined)
    insert.run(no, 'audit', audit({ kind: 'outbox', no }), nowMs);
  return isWhole;
}
