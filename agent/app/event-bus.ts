import { err, type Failure, failure, ok, type Result } from '../contract/index.ts';
import type { EventsRepository } from '../store/store.ts';
import type { LiveEvent } from './till.ts';

/** Readers of the event stream at one time. */
export const EVENT_READERS_MAX = 64;
/** Live events that wait for one reader; a slower one is ended and resumes from the database. */
export const EVENT_READER_BUFFER_MAX = 1_000;
/** Events read from the database at a time while a reader catches up. */
export const EVENT_REPLAY_PAGE = 500;

export interface EventBus {
  /** Hands committed events to the readers. */
  publish(events: readonly LiveEvent[]): void;
  /** See `Till.events`. */
  /** @param owner the paired program that reads; absent for the till's own screens */
  read(
    after: number | undefined,
    signal: AbortSignal,
    owner?: string,
  ): Result<AsyncIterable<LiveEvent>, Failure>;
  /** Ends the readers of a program that may read no more. */
  endOf(owner: string): void;
  close(): void;
}

/** A reader that has caught up. */
interface LiveReader {
  take(event: LiveEvent): void;
  end(): void;
}

/** The stream of events: from the database first, then live, without a gap between. */
export function createEventBus(events: EventsRepository): EventBus {
  const live = new Set<LiveReader>();
  const ends = new Map<() => void, string | undefined>();

  function read(
    after: number | undefined,
    signal: AbortSignal,
    owner?: string,
  ): Result<AsyncIterable<LiveEvent>, Failure> {
    if (ends.size >= EVENT_READERS_MAX) return err(failure('busy'));
    const head = events.head();
    const from = after ?? head;
    // A reader ahead of the database read it before it was restored: what it knows is not this till's past.
    if (from > head || from < events.oldest() - 1)
      return err(failure('events-gone', 'after', { oldest: events.oldest(), head }));
    const stop = new AbortController();
    const end = (): void => stop.abort();
    ends.set(end, owner);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const release = (): void => {
      ends.delete(end);
      signal.removeEventListener('abort', end);
    };
    stop.signal.addEventListener('abort', release, { once: true });
    return ok(stream(from, stop));
  }

  async function* stream(from: number, stop: AbortController): AsyncGenerator<LiveEvent> {
    try {
      let cursor = from;
      const buffer: LiveEvent[] = [];
      let wake: () => void = () => {};
      const reader: LiveReader = {
        take(event) {
          if (buffer.length >= EVENT_READER_BUFFER_MAX) reader.end();
          else buffer.push(event);
          wake();
        },
        end: () => stop.abort(),
      };
      stop.signal.addEventListener('abort', () => wake(), { once: true });
      try {
        while (!stop.signal.aborted) {
          const page = events.after(cursor, EVENT_REPLAY_PAGE);
          if (page.length === 0) {
            // Nothing runs between this look and the subscription, so no event falls in between.
            live.add(reader);
            break;
          }
          for (const event of page) {
            // Pruned under a slow reader: it resumes and is told so.
            if (event.seq !== cursor + 1 || stop.signal.aborted) return;
            cursor = event.seq;
            yield { event };
          }
        }
        while (!stop.signal.aborted) {
          const next = buffer.shift();
          if (next !== undefined) yield next;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        live.delete(reader);
      }
    } finally {
      stop.abort();
    }
  }

  return {
    publish(published) {
      for (const event of published) for (const reader of live) reader.take(event);
    },
    read,
    endOf(owner) {
      for (const [end, whose] of [...ends]) if (whose === owner) end();
    },
    close() {
      for (const end of [...ends.keys()]) end();
    },
  };
}
