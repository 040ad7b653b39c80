import type { EntryReply } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { RepliesRepository, StoredReply } from '../store.ts';

interface Row {
  readonly client_id: string;
  readonly key: string;
  readonly operation: StoredReply['operation'];
  readonly target: string;
  readonly body_hash: string;
  readonly reply: string;
  readonly at_ms: number;
}

/**
 * Answers by idempotency key. A second `put` under one key breaks an invariant: the caller looks first. Pruning stops at
 * the first answer that is young enough, so after a clock was set back some stay longer and none goes too early.
 */
export function createReplies(connection: Connection): RepliesRepository {
  const get = connection.statement<Row>('SELECT * FROM replies WHERE client_id = ? AND key = ?');
  const put = connection.statement(`
    INSERT INTO replies (client_id, key, operation, target, body_hash, reply, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const prune = connection.statement(`
    DELETE FROM replies WHERE no < coalesce(
      (SELECT no FROM replies WHERE at_ms >= ? ORDER BY no LIMIT 1), (SELECT max(no) + 1 FROM replies))`);

  return {
    get(clientId, key) {
      const row = get.get(clientId, key);
      return row && toReply(row);
    },
    put: ({ clientId, key, operation, target, bodyHash, reply, atMs }) =>
      void put.run(clientId, key, operation, target, bodyHash, JSON.stringify(reply), atMs),
    pruneBefore: (ms) => prune.run(ms),
  };
}

function toReply(row: Row): StoredReply {
  return {
    clientId: row.client_id,
    key: row.key,
    operation: row.operation,
    target: row.target,
    bodyHash: row.body_hash,
    reply: JSON.parse(row.reply) as EntryReply,
    atMs: row.at_ms,
  };
}
