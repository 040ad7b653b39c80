import type { Readable } from 'node:stream';
import type { Result } from '../../agent/contract/result.ts';
import { toInstant } from '../../agent/contract/time.ts';
import {
  type Cursor,
  LONG_POLL_MS,
  type Page,
  type PollReply,
  SILENCE_MAX_MS,
} from '../protocol/feed.ts';
import { type HqInput, STREAM_PATH } from '../protocol/hq-api.ts';
import type { Applier } from './apply.ts';
import type { CallFailure } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import type { FactsKeeper } from './facts.ts';
import type { FollowEnd } from './follow-end.ts';
import { followPolls, POLL_EVERY_MS } from './follow-polls.ts';
import { FRAME_MAX_BYTES, followStream } from './follow-stream.ts';
import type { HqClock } from './hq-clock.ts';
import { createPause } from './pause.ts';
import type { Session } from './session.ts';
import { tryStorage } from './storage-failure.ts';
import { createPageTaker } from './take-page.ts';
import type { Transport } from './transport.ts';
import { FIRST_MODE, type ModeState, nextMode, type TransportMode } from './transport-mode.ts';
import type { Troubles } from './troubles.ts';

/** How long a stream may take to begin, in milliseconds: a proxy that gathers answers holds it back for ever. */
export const STREAM_FIRST_BYTE_MS = 2 * SILENCE_MAX_MS;
/** Following that lasted so long counts as steady, in milliseconds: the next break is a first one again. */
export const STEADY_MS = 5_000;
/** So often headquarters is told how far this till is, in milliseconds; only what the till itself says shows that it lives. */
export const APPLIED_EVERY_MS = 3_000;
const STREAM_FORMS = ['application/x-ndjson'];

export interface Followed {
  readonly end: FollowEnd;
  /** It lasted, or brought something: the break is no sign of a lasting fault. */
  readonly steady: boolean;
}

export interface Pull {
  /** Follows the feed from the till's durable place until that ends; picks stream, long poll or poll by itself. */
  follow(signal: AbortSignal): Promise<Followed>;
  /** The longest silence that is in order in the present mode, in milliseconds. */
  silenceMaxMs(): number;
  /** Tries the stream again. */
  promote(): void;
}

export interface PullParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly transport: Transport;
  readonly storeId: () => string;
  readonly applier: Applier;
  readonly hqClock: HqClock;
  readonly facts: FactsKeeper;
  readonly troubles: Troubles;
  /** A page was applied: the till is at its end. */
  readonly onTaken: (page: Page) => void;
}

const SILENCE_MS: Readonly<Record<TransportMode, number>> = {
  stream: SILENCE_MAX_MS,
  'long-poll': LONG_POLL_MS + SILENCE_MAX_MS,
  poll: POLL_EVERY_MS + SILENCE_MAX_MS,
};

export function createPull({
  deps,
  session,
  transport,
  storeId,
  applier,
  hqClock,
  facts,
  troubles,
  onTaken: onPage,
}: PullParts): Pull {
  const { store, clock, timers, log } = deps;
  const onTaken = (page: Page): void => {
    troubles.clear('page-refused');
    onPage(page);
  };
  const pages = createPageTaker({ store, storeId, applier, log, onTaken });
  const pause = createPause(timers);
  const unhurried = createPause(timers);
  let state: ModeState = FIRST_MODE;

  function onHead(head: Cursor, at: string): void {
    hqClock.note(at);
    facts.head(head);
  }

  function open(from: Cursor, signal: AbortSignal): Promise<Result<Readable, CallFailure>> {
    return session.withToken((token) =>
      transport.open(STREAM_PATH, {
        token,
        signal,
        query: from,
        forms: STREAM_FORMS,
        firstByteMs: STREAM_FIRST_BYTE_MS,
      }),
    );
  }

  function poll(
    from: Cursor,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Result<PollReply, CallFailure>> {
    const firstByteMs = waitMs + 2 * SILENCE_MAX_MS;
    return session.call(
      'poll',
      { ...from, waitMs },
      { signal, firstByteMs, maxBytes: FRAME_MAX_BYTES },
    );
  }

  /** What waits for headquarters. */
  function waitingHere(): Pick<HqInput<'applied'>, 'waiting'> {
    const waiting = tryStorage(() => store.waiting());
    if (!waiting.ok) return {};
    const { count, oldestMs } = waiting.value;
    return { waiting: { count, oldestAt: oldestMs === null ? null : toInstant(oldestMs) } };
  }

  /** Tells headquarters how far the till is, until `signal` aborts. A call that fails says nothing that the feed does not. */
  async function tellApplied(signal: AbortSignal): Promise<void> {
    while ((await unhurried.wait(APPLIED_EVERY_MS, signal)) === 'elapsed') {
      const cursor = tryStorage(() => pages.cursor());
      if (!cursor.ok) continue;
      const told = await session.call(
        'applied',
        { cursor: cursor.value, ...waitingHere() },
        { signal },
      );
      // A headquarters of an earlier version does not ask for this.
      if (!told.ok && told.error.code === 'refused' && told.error.refusal === 'not-found') return;
    }
  }

  /** What stands between till and headquarters is only to blame where headquarters itself answers a short question. */
  async function blameMode(signal: AbortSignal, end: FollowEnd): Promise<FollowEnd> {
    const reply = await poll(pages.cursor(), 0, signal);
    if (!reply.ok)
      return end.code === 'page-refused' ? end : { code: 'failed', failure: reply.error };
    const before = state.mode;
    state = nextMode(state, 'fruitless');
    if (state.mode !== before)
      log('warn', 'the feed comes in another way', { from: before, to: state.mode });
    return end;
  }

  return {
    silenceMaxMs: () => SILENCE_MS[state.mode],
    promote() {
      state = nextMode(state, 'promote');
      pause.wake();
    },
    async follow(signal) {
      const { mode } = state;
      const startMs = clock.monoMs();
      const startPos = pages.cursor().pos;
      let frames = 0;
      const onFrame = (): void => {
        frames += 1;
        state = nextMode(state, 'heard');
        facts.heard();
        facts.follows(mode);
        if (facts.connection() !== 'online') facts.event('opened');
      };
      const following = new AbortController();
      const telling = tellApplied(AbortSignal.any([signal, following.signal]));
      const followed =
        mode === 'stream'
          ? await followStream({ open, pages, applier, timers, onFrame, onHead }, signal)
          : await followPolls(mode, { poll, pages, pause, clock, onFrame, onHead }, signal);
      following.abort();
      await telling;
      const moved = pages.cursor().pos > startPos;
      if (followed.code === 'promote') state = nextMode(state, 'promote');
      const end =
        frames === 0 && isFruitless(followed) && mode !== 'poll'
          ? await blameMode(signal, followed)
          : followed;
      if (end.code === 'page-refused') troubles.raise('page-refused', end.why);
      const lastedMs = clock.monoMs() - startMs;
      const lasted = frames > 0 && lastedMs >= STEADY_MS;
      return { end, steady: end.code !== 'page-refused' && (moved || lasted) };
    },
  };
}

/** Ends that the way between may cause: nothing came, came too late, or came changed. */
function isFruitless(end: FollowEnd): boolean {
  if (end.code === 'cut' || end.code === 'page-refused') return true;
  return (
    end.code === 'failed' &&
    end.failure.code === 'unreachable' &&
    end.failure.reason === 'timed-out'
  );
}
