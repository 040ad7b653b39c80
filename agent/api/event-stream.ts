import { withEventMeta } from '@orpc/server';
import type { LiveEvent } from '../app/till.ts';
import { failure, type TillEvent, tillEventSchema, toErrorBody } from '../contract/index.ts';
import type { ApiContext } from './context.ts';
import { WireError } from './wire-error.ts';

/**
 * An event as this caller may see it. The text of a payment code leaves only to a paired program with the scope
 * `scanner`; for everybody else, the till's own screens included, the sighting is redacted.
 */
export function eventFor(context: ApiContext, { event, paymentText }: LiveEvent): TillEvent {
  const { body } = event;
  if (body.kind !== 'sighting' || body.codeClass !== 'payment') return event;
  const { caller } = context;
  const mayRead = caller?.kind === 'client' && caller.scopes.includes('scanner');
  const { text: _stored, ...bare } = body;
  return {
    ...event,
    body:
      mayRead && paymentText !== undefined
        ? { ...bare, text: paymentText, redacted: false }
        : { ...bare, redacted: true },
  };
}

/**
 * Serves a till's events to one caller until the reader leaves, the caller's token is revoked or the server closes.
 * Each event carries its `seq` as the id of the server-sent event, which a reader gives back as `Last-Event-ID`.
 * @param release gives the caller's stream back; called once.
 */
export async function* deliverEvents(
  context: ApiContext,
  events: AsyncIterable<LiveEvent>,
  release: () => void,
): AsyncGenerator<TillEvent, void, void> {
  try {
    for await (const live of events) {
      if (context.closing.aborted) return;
      if (!context.stillValid())
        throw new WireError(toErrorBody(failure('unauthenticated')), context.transport);
      // Checked here and not by the library alone, so that a broken event ends the stream in our own shape.
      const event = tillEventSchema.parse(eventFor(context, live));
      yield withEventMeta(event, { id: String(event.seq) });
    }
  } finally {
    release();
  }
}

/**
 * Where a reader resumes. `Last-Event-ID` wins over the address: a browser's own reconnect repeats the address as it was.
 * @returns the sequence number, undefined for "from the present", or null where the header is no number.
 */
export function resumeAfter(
  after: number | undefined,
  lastEventId: string | undefined,
): number | undefined | null {
  if (lastEventId === undefined || lastEventId === '') return after;
  return /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
}
