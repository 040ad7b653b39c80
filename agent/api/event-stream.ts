import { withEventMeta } from '@orpc/server';
import type { LiveEvent } from '../app/till.ts';
import { failure, type TillEvent, tillEventSchema, toErrorBody } from '../contract/index.ts';
import type { ApiLog } from './api-log.ts';
import type { ApiContext } from './context.ts';
import { PROBLEMS_LISTED_MAX } from './limits.ts';
import { WireError } from './wire-error.ts';

/**
 * An event as this caller may see it. The text of a payment code leaves only to a paired program with the scope
 * `scanner`; for everybody else, the till's own screens included, the sighting is redacted. A screen at which nobody may
 * act learns that something happened and nothing about whom.
 */
export function eventFor(context: ApiContext, { event, paymentText }: LiveEvent): TillEvent {
  const { body } = event;
  if (context.caller?.kind === 'screen' && !context.screenMay().ok) return withoutPeople(event);
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

function withoutPeople(event: TillEvent): TillEvent {
  const { body } = event;
  if (body.kind === 'sighting') {
    const { text: _code, ...bare } = body;
    return { ...event, body: { ...bare, redacted: true } };
  }
  if (body.kind === 'member') return { ...event, body: { kind: 'till', what: 'event-withheld' } };
  if (body.kind !== 'identification') return event;
  const { member: _who, decision: _why, ...bare } = body.identification;
  return { ...event, body: { ...body, identification: { ...bare, candidates: [], notices: [] } } };
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
  log: ApiLog,
): AsyncGenerator<TillEvent, void, void> {
  try {
    for await (const live of events) {
      if (context.closing.aborted) return;
      assertValid();
      const event = readable(eventFor(context, live), log);
      yield withEventMeta(event, { id: String(event.seq) });
    }
    // The till ends the stream of a program that was revoked; the reader is told why.
    if (!context.closing.aborted) assertValid();
  } finally {
    release();
  }

  function assertValid(): void {
    if (!context.stillValid())
      throw new WireError(toErrorBody(failure('unauthenticated')), context.transport);
  }
}

/**
 * An event that fits the contract. What lies in the database cannot be mended, and one such event must not shut every
 * reader out of all that follow: its place in the sequence is taken by a notice.
 */
function readable(event: TillEvent, log: ApiLog): TillEvent {
  const parsed = tillEventSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  log.problem({
    procedure: 'pos.events',
    error: 'an event breaks the contract',
    frames: parsed.error.issues.slice(0, PROBLEMS_LISTED_MAX).map((issue) => issue.path.join('.')),
  });
  const { seq, at } = event;
  return { seq, at, body: { kind: 'till', what: 'event-unreadable', detail: event.body.kind } };
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
