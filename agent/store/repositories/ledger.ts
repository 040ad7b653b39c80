import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { assert, type EntryHeader, GENESIS_HASH } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { LedgerRepository, LedgerRow } from '../store.ts';

interface Row {
  readonly header: string;
  readonly hash: string;
  readonly sealed: Uint8Array;
}

/**
 * The ledger's table. The header is kept as the very text that was hashed, so that a later change of the schema in
 * code cannot change what an old entry says.
 */
export function createLedger(connection: Connection): LedgerRepository {
  const columns = 'header, hash, sealed';
  const head = connection.statement<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1',
  );
  const base = connection.statement<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger_base',
  );
  const insert = connection.statement('INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)');
  const bySeq = connection.statement<Row>(`SELECT ${columns} FROM ledger WHERE seq = ?`);
  const bySale = connection.statement<Row>(
    `SELECT ${columns} FROM ledger WHERE sale_id = ? ORDER BY seq`,
  );
  const byReturn = connection.statement<Row>(`SELECT ${columns} FROM ledger WHERE return_id = ?`);
  const after = connection.statement<Row>(
    `SELECT ${columns} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const recent = connection.statement<Row>(
    `SELECT ${columns} FROM ledger ORDER BY seq DESC LIMIT ?`,
  );

  const readBase = () => base.get() ?? { seq: 0, hash: GENESIS_HASH };
  const readHead = () => head.get() ?? readBase();

  function append({ header, hash, sealed }: LedgerRow): void {
    const text = canonicalize(header);
    assert(text !== undefined, 'an entry header is JSON');
    const last = readHead();
    assert(header.seq === last.seq + 1, `entry ${header.seq} follows entry ${last.seq}`);
    assert(header.prevHash === last.hash, `entry ${header.seq} is chained to entry ${last.seq}`);
    assert(
      hash === createHash('sha256').update(text).digest('hex'),
      `entry ${header.seq} carries its own hash`,
    );
    insert.run(header.seq, header.kind, header.saleId, header.returnId, text, hash, sealed);
  }

  return {
    head: readHead,
    base: readBase,
    append: (row) => connection.together(() => append(row)),
    bySeq: (seq) => toLedgerRow(bySeq.get(seq)),
    bySale: (saleId) => bySale.all(saleId).map(toRow),
    byReturn: (returnId) => toLedgerRow(byReturn.get(returnId)),
    after: (seq, limit) => after.all(seq, limit).map(toRow),
    recent: (limit) => recent.all(limit).map(toRow),
  };
}

function toRow(row: Row): LedgerRow {
  return {
    header: JSON.parse(row.header) as EntryHeader,
    hash: row.hash,
    sealed: new Uint8Array(row.sealed),
  };
}

function toLedgerRow(row: Row | undefined): LedgerRow | undefined {
  return row && toRow(row);
}
