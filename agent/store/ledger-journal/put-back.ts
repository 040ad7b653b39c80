import { createHash } from 'node:crypto';
import { type EntryHeader, GENESIS_HASH } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import { createKeyEraser } from './erase-key.ts';
import type { JournalEntry, JournalSecret } from './journal-entry.ts';
import { createRowWriter } from './row-writer.ts';
import { createSaleSettler } from './settle-sale.ts';

/** What came back of the journal. */
export interface PutBack {
  /** Numbers of the entries that the ledger has again. */
  readonly entries: readonly number[];
  /** Entries that follow none of the ledger's, and that none of it follows; the journal alone has them. */
  readonly notFitting: readonly number[];
}

export interface PutBackOptions {
  readonly tillId: string | undefined;
  /** The last entry that any table of the database speaks of. What an entry beyond it did is done again. */
  readonly knownSeq: number;
  readonly nowMs: number;
  /** Absent = false. Whether the outbox is put in order afterwards: numbers that are lost are not told as such here. */
  readonly outboxIsSettledAfter?: boolean;
  /** Called before an entry of an incarnation that the one before it was not of. */
  readonly onIncarnation?: (incarnation: string) => void;
}

/**
 * Puts entries that the ledger lost back as they were, each with its outbox row and what it did. An entry counts where its
 * hash is its own and it is chained to one that is there, by its own link or by the next entry's; where a link says otherwise
 * it does not. To be called in a transaction.
 * @param entries in the order of their numbers, none of them in the ledger
 */
export function putBack(
  connection: Connection,
  entries: readonly JournalEntry[],
  options: PutBackOptions,
): PutBack {
  if (entries.length === 0) return { entries: [], notFitting: [] };
  const put = createEntryWriter(connection, options);
  const base = connection
    .statement<{ seq: number; hash: string }>('SELECT seq, hash FROM ledger_base')
    .get() ?? { seq: 0, hash: GENESIS_HASH };
  const bySeq = connection.statement<{ header: string; hash: string }>(
    'SELECT header, hash FROM ledger WHERE seq = ?',
  );
  const bySale = connection.statement(
    `SELECT 1 FROM ledger WHERE (sale_id = ? AND kind = 'sale' AND ? = 'sale') OR return_id = ?`,
  );

  function fits({ ledger }: JournalEntry): boolean {
    const { seq, header: text, hash } = ledger;
    const header = JSON.parse(text) as EntryHeader;
    const isItself =
      createHash('sha256').update(text).digest('hex') === hash &&
      header.seq === seq &&
      header.tillId === (options.tillId ?? header.tillId);
    if (!isItself || seq <= base.seq) return false;
    if (bySale.get(ledger.sale_id, ledger.kind, ledger.return_id) !== undefined) return false;
    const before = seq === base.seq + 1 ? base.hash : bySeq.get(seq - 1)?.hash;
    const after = bySeq.get(seq + 1)?.header;
    const links = [
      ...(before === undefined ? [] : [before === header.prevHash]),
      ...(after === undefined ? [] : [(JSON.parse(after) as EntryHeader).prevHash === hash]),
    ];
    return links.length > 0 && links.every((link) => link);
  }

  const back: number[] = [];
  const take = (entry: JournalEntry): boolean => {
    if (!fits(entry)) return false;
    put(entry);
    back.push(entry.ledger.seq);
    return true;
  };
  const waiting = entries.filter((entry) => !take(entry));
  // What only the next entry proves, from the last one on.
  const left = waiting.toReversed().filter((entry) => !take(entry));
  const notFitting = left
    .map(({ ledger }) => ledger.seq)
    .filter((seq) => seq > base.seq)
    .reverse();
  return { entries: back.sort((one, other) => one - other), notFitting };
}

function createEntryWriter(
  connection: Connection,
  { knownSeq, nowMs, outboxIsSettledAfter = false, onIncarnation }: PutBackOptions,
): (entry: JournalEntry) => void {
  const write = createRowWriter(connection);
  const outboxOf = connection.statement<{ no: number; body: string | null }>(
    `SELECT no, body FROM outbox WHERE kind = 'entry' AND seq = ?`,
  );
  const lastNo = connection.statement<{ no: number | null }>('SELECT max(no) AS no FROM outbox');
  const queue = connection.statement(
    'INSERT INTO outbox (no, kind, seq, at_ms, body) VALUES (?, ?, ?, ?, ?)',
  );
  const setBody = connection.statement('UPDATE outbox SET body = ? WHERE no = ?');
  const hasNo = connection.statement('SELECT 1 FROM outbox WHERE no = ?');
  const note = connection.statement<{ no: number }>(
    `INSERT INTO audit (at_ms, staff_id, action, detail) VALUES (?, NULL, 'salvage-row-lost', ?) RETURNING no`,
  );
  const move = connection.statement(`
    UPDATE points_lots SET points = points + ?, made_seq = coalesce(made_seq, iif(points = 0, ?, 0))
    WHERE member_id = ? AND lot_id = ?`);
  const isErased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  const keyOf = connection.statement<{ key_id: string }>(
    'SELECT key_id FROM subject_keys WHERE subject = ?',
  );
  const erase = createKeyEraser(connection, nowMs);
  const settleSale = createSaleSettler(connection, write);

  /** Under its own number; what was told beside it and is lost is told as lost, so that numbers have no gap. */
  function queueEntry({ ledger, outbox }: JournalEntry): void {
    const kept = ledger.seq > knownSeq ? undefined : outboxOf.get(ledger.seq);
    if (kept !== undefined) {
      if (kept.body === null && outbox !== null) setBody.run(outbox.body, kept.no);
      return;
    }
    const last = lastNo.get()?.no ?? 0;
    if (outbox === null) return void queue.run(last + 1, 'entry', ledger.seq, nowMs, null);
    for (let no = last + 1; !outboxIsSettledAfter && no < outbox.no; no++) {
      const told = note.get(nowMs, JSON.stringify({ kind: 'outbox', no }));
      queue.run(no, 'audit', told?.no ?? 0, nowMs, null);
    }
    const no = hasNo.get(outbox.no) === undefined ? outbox.no : last + 1;
    queue.run(no, 'entry', ledger.seq, outbox.at_ms, outbox.body);
  }

  /** Lots that the entry made begin empty; what the database has seen of it stands in the lots already. */
  function book({ ledger, movements, lots }: JournalEntry, isBeyond: boolean): void {
    const made = lots.filter(({ made_seq }) => made_seq === ledger.seq);
    for (const lot of made) if (isBeyond) write('points_lots', { ...lot, points: 0 }, 'IGNORE');
    for (const movement of movements) {
      const isFresh = write('points_movements', movement, 'IGNORE');
      const { delta = 0, member_id = null, lot_id = null } = movement;
      if (isFresh && isBeyond) move.run(delta, ledger.seq, member_id, lot_id);
    }
  }

  /** A subject has a second key only since the first was erased, which is lost too. */
  function putKey(key: NonNullable<JournalSecret['key']>, isBeyond: boolean): void {
    const other = keyOf.get(key.subject)?.key_id;
    if (other !== undefined && (other === key.key_id || !isBeyond)) return;
    if (other !== undefined) erase(other);
    write('subject_keys', { ...key, key: Buffer.from(key.key, 'base64') }, 'ABORT');
  }

  return (entry) => {
    const { ledger, secret } = entry;
    const isBeyond = ledger.seq > knownSeq;
    if (isBeyond) onIncarnation?.((JSON.parse(ledger.header) as EntryHeader).incarnation);
    write('ledger', { ...ledger, sealed: Buffer.from(ledger.sealed, 'base64') }, 'ABORT');
    const key = secret?.key ?? null;
    if (key !== null && isErased.get(key.key_id) === undefined) putKey(key, isBeyond);
    queueEntry(entry);
    book(entry, isBeyond);
    settleSale(entry, isBeyond);
  };
}
