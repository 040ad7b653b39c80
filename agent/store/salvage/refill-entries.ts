import type { JournalEntry } from '../ledger-journal/journal-entry.ts';
import { createRowWriter } from '../ledger-journal/row-writer.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { CopiedTable } from './copy-table.ts';
import { createKeptLots, type KeptLots } from './remake-lots.ts';
import type { JournalOf } from './settle-salvaged.ts';

/** Tables beside the ledger whose rows the journal holds, too. */
const TABLES = [
  'outbox',
  'subject_keys',
  'points_movements',
  'holds',
  'rule_uses',
  'coupon_uses',
  'replies',
] as const;
type Table = (typeof TABLES)[number];

/** Rows that came back of the journal beside entries that the ledger still had, by table. */
export type Refilled = Readonly<Record<string, number>>;

/** To be called one after the other. */
export interface Refill {
  /** The journal, read once. */
  readonly journal: JournalOf;
  /** Rows of the outbox under their own numbers, before those that are left are made from the ledger. Triggers stand aside. */
  queue(): void;
  /** All the rest, once the ledger has its entries again. Triggers stand aside. */
  rest(): Refilled;
  /** Lots as the journal has them, of which those that are lost can be made. */
  lots(): KeptLots;
}

/**
 * Puts back what pages of other tables lost of entries that the ledger has: the member's key, without which an entry goes up
 * as if it were erased, what was told of it, its movements, its record for returns, its uses and its answer. A row that the
 * database has stays as it is, and a key that was erased stays erased.
 * @param copied how each table came over; one that is whole lost nothing
 */
export function createRefill(
  connection: Connection,
  copied: ReadonlyMap<string, CopiedTable>,
  journal: JournalOf,
): Refill {
  const isPart = (table: string): boolean => copied.get(table)?.state === 'part';
  const lost = new Set(TABLES.filter(isPart));
  if (lost.size === 0 && !isPart('points_lots'))
    return { journal, queue: () => undefined, rest: () => ({}), lots: () => new Map() };
  const entries = journal(() => true);
  const counts = new Map<Table, number>();
  const write = createRowWriter(connection);
  const put = (table: Table, row: Parameters<typeof write>[1], or: 'IGNORE' | 'REPLACE'): void => {
    if (lost.has(table) && write(table, row, or)) counts.set(table, (counts.get(table) ?? 0) + 1);
  };
  const ledgerRow = connection.statement<{ header: string; hash: string }>(
    'SELECT header, hash FROM ledger WHERE seq = ?',
  );
  const isErased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  // An entry that comes back of the journal itself brings its record as it was then; a later one says what became of it.
  const heldBefore = new Set(
    connection
      .statement<{ id: string }>('SELECT evaluation_id AS id FROM holds')
      .all()
      .map(({ id }) => id),
  );

  const inLedger = (): JournalEntry[] =>
    entries.filter(({ ledger: { seq, header, hash } }) => {
      const row = ledgerRow.get(seq);
      return row?.hash === hash && row.header === header;
    });

  function putBodies(known: readonly JournalEntry[]): void {
    const setBody = connection.statement('UPDATE outbox SET body = ? WHERE no = ?');
    const bare = new Map(
      connection
        .statement<{ seq: number; no: number }>(
          `SELECT seq, no FROM outbox WHERE kind = 'entry' AND body IS NULL`,
        )
        .all()
        .map(({ seq, no }) => [seq, no]),
    );
    for (const { ledger, outbox } of known) {
      const no = bare.get(ledger.seq);
      if (no !== undefined && outbox !== null) setBody.run(outbox.body, no);
    }
  }

  /** Of each sale as its last entry left it; where the journal has not got that one, nothing is guessed. */
  function putRecords(known: readonly JournalEntry[]): void {
    const lastOf = connection.statement<{ seq: number | null }>(
      `SELECT max(seq) AS seq FROM ledger WHERE sale_id = ? AND kind <> 'override'`,
    );
    for (const { ledger, secret } of known) {
      if (secret === null || lastOf.get(ledger.sale_id)?.seq !== ledger.seq) continue;
      const { hold, uses } = secret;
      for (const use of uses) put('rule_uses', use, 'IGNORE');
      if (hold === null) continue;
      const { evaluation_id = null, state, coupons_reserved } = hold;
      if (!heldBefore.has(String(evaluation_id))) put('holds', hold, 'REPLACE');
      if (state !== 'COMMITTED' || typeof coupons_reserved !== 'string') continue;
      for (const code of JSON.parse(coupons_reserved) as string[])
        put('coupon_uses', { code, evaluation_id, state: 'used' }, 'IGNORE');
    }
  }

  return {
    journal: (isWanted) => entries.filter(({ ledger }) => isWanted(ledger.seq)),
    queue() {
      const queued = new Set(
        connection
          .statement<{ seq: number }>(`SELECT seq FROM outbox WHERE kind = 'entry'`)
          .all()
          .map(({ seq }) => seq),
      );
      for (const { ledger, outbox } of inLedger())
        if (outbox !== null && !queued.has(ledger.seq))
          put('outbox', { ...outbox, kind: 'entry', seq: ledger.seq }, 'IGNORE');
    },
    rest() {
      const known = inLedger();
      for (const { secret, movements } of known) {
        for (const movement of movements) put('points_movements', movement, 'IGNORE');
        const { key = null, reply = null } = secret ?? {};
        if (key !== null && isErased.get(key.key_id) === undefined)
          put('subject_keys', { ...key, key: Buffer.from(key.key, 'base64') }, 'IGNORE');
        const { no: _no, ...answer } = reply ?? {};
        if (reply !== null) put('replies', answer, 'IGNORE');
      }
      putBodies(known);
      putRecords(known);
      return Object.fromEntries(counts);
    },
    lots: () => createKeptLots(inLedger()),
  };
}
