import { assert, type EventBody, type TillEvent, toInstant } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { EventsRepository } from '../store.ts';

interface Row {
  readonly seq: number;
  readonly at_ms: number;
  readonly body: string;
}

/**
 * Events with gap-free numbers: the number is taken inside the transaction that keeps the event, so a rolled-back one
 * leaves no hole. The text of a payment code is dropped here, whoever asks to keep it.
 */
export function createEvents(connection: Connection): EventsRepository {
  const oldest = connection.statement<{ seq: number | null }>('SELECT min(seq) AS seq FROM events');
  const newest = connection.statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM events');
  const insert = connection.statement('INSERT INTO events VALUES (?, ?, ?)');
  const after = connection.statement<Row>(
    'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const prune = connection.statement('DELETE FROM events WHERE seq <= ?');

  const head = () => newest.get()?.seq ?? 0;

  return {
    append: (atMs, body) =>
      connection.together(() => {
        const seq = head() + 1;
        const kept = withoutPaymentText(body);
        insert.run(seq, atMs, JSON.stringify(kept));
        return { seq, at: toInstant(atMs), body: kept };
      }),
    after: (seq, limit) => after.all(seq, limit).map(toEvent),
    head,
    oldest: () => oldest.get()?.seq ?? 1,
    pruneTo(keep) {
      // The newest row carries the number that the next one counts on from.
      assert(keep >= 1, 'at least one event is kept');
      return prune.run(head() - keep);
    },
  };
}

function toEvent(row: Row): TillEvent {
  return { seq: row.seq, at: toInstant(row.at_ms), body: JSON.parse(row.body) as EventBody };
}

function withoutPaymentText(body: EventBody): EventBody {
  if (body.kind !== 'sighting' || body.codeClass !== 'payment' || body.text === undefined)
    return body;
  const { text: _dropped, ...rest } = body;
  return { ...rest, redacted: true };
}
