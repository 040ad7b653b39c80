import { unreachable } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { OutboxItem, OutboxRepository } from '../store.ts';

/** What headquarters has yet to receive. An entry's row lies in the ledger; here is what it means for the books. */
export function createOutbox(connection: Connection): OutboxRepository {
  const insert = connection.statement(
    'INSERT INTO outbox (kind, seq, at_ms, body) VALUES (?, ?, ?, ?)',
  );
  // Numbers have no gap, so the last one and the last one received say how many wait.
  const waiting = connection.statement<{ n: number }>(
    'SELECT coalesce(max(no), 0) - (SELECT received_no FROM sync_state) AS n FROM outbox',
  );

  return {
    append: (item) =>
      void insert.run(item.kind, seqOf(item), item.atMs, JSON.stringify(bodyOf(item))),
    waiting: () => Math.max(0, waiting.get()?.n ?? 0),
  };
}

/** 0 where the item is no row of another table. */
function seqOf(item: OutboxItem): number {
  return item.kind === 'entry' ? item.seq : 0;
}

function bodyOf(item: OutboxItem): unknown {
  switch (item.kind) {
    case 'entry':
      return item.facts;
    case 'join':
      return item.join;
    case 'release':
      return { allowanceId: item.allowanceId };
    case 'face-enrolment':
      return item.enrolment;
    case 'face-withdrawal':
      return item.withdrawal;
    default:
      return unreachable(item);
  }
}
