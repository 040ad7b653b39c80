import type { Connection } from '../sqlite/connection.ts';
import type { OutboxRepository } from '../store.ts';

/** References to what headquarters has yet to receive; the rows themselves stay in their own tables. */
export function createOutbox(connection: Connection): OutboxRepository {
  const append = connection.statement('INSERT INTO outbox (kind, seq, at_ms) VALUES (?, ?, ?)');
  const waiting = connection.statement<{ n: number }>('SELECT count(*) AS n FROM outbox');

  return {
    append: ({ kind, seq, atMs }) => void append.run(kind, seq, atMs),
    waiting: () => waiting.get()?.n ?? 0,
  };
}
