import { type ClientId, type PairedClient, type Scope, toInstant } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ClientsRepository } from '../store.ts';

/** "Last seen" is written at most this often, so that a busy program does not cost a disk flush per request. */
export const TOUCH_INTERVAL_MS = 60_000;

interface Row {
  readonly client_id: string;
  readonly name: string;
  readonly scopes: string;
  readonly origin: string | null;
  readonly paired_at: string;
  readonly last_seen_ms: number | null;
}

/** Paired programs; a revoked one is gone, the audit log remembers it. */
export function createClients(connection: Connection): ClientsRepository {
  const columns = 'client_id, name, scopes, origin, paired_at, last_seen_ms';
  const insert = connection.statement(
    `INSERT INTO clients (token_hash, ${columns}) VALUES (?, ?, ?, ?, ?, ?, NULL)`,
  );
  const byToken = connection.statement<Row>(`SELECT ${columns} FROM clients WHERE token_hash = ?`);
  const list = connection.statement<Row>(
    `SELECT ${columns} FROM clients ORDER BY paired_at, client_id`,
  );
  const touch = connection.statement(
    'UPDATE clients SET last_seen_ms = ? WHERE client_id = ? AND (last_seen_ms IS NULL OR last_seen_ms <= ?)',
  );
  const revoke = connection.statement('DELETE FROM clients WHERE client_id = ?');
  const origins = connection.statement<{ origin: string }>(
    'SELECT DISTINCT origin FROM clients WHERE origin IS NOT NULL ORDER BY origin',
  );

  return {
    add: ({ clientId, name, scopes, origin, pairedAt }, tokenHash) =>
      void insert.run(tokenHash, clientId, name, JSON.stringify(scopes), origin ?? null, pairedAt),
    byTokenHash(tokenHash) {
      const row = byToken.get(tokenHash);
      return row && toClient(row);
    },
    list: () => list.all().map(toClient),
    touch: (id, atMs) => void touch.run(atMs, id, atMs - TOUCH_INTERVAL_MS),
    revoke: (id) => revoke.run(id) === 1,
    origins: () => origins.all().map(({ origin }) => origin),
  };
}

function toClient(row: Row): PairedClient {
  return {
    clientId: row.client_id as ClientId,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    ...(row.origin === null ? {} : { origin: row.origin }),
    pairedAt: row.paired_at,
    ...(row.last_seen_ms === null ? {} : { lastSeenAt: toInstant(row.last_seen_ms) }),
  };
}
