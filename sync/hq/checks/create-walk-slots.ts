import { err, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';

/** Tills that walk at once at one process; a further one is told to come again. */
export const WALKS_AT_ONCE = 8;
/** A walk that asks nothing for so long has ended, in milliseconds: the next question over a slow line takes seconds. */
export const WALK_IDLE_MS = 30_000;
/** When a till that found no place comes again, in seconds: from ... */
export const WALK_RETRY_MIN_SECONDS = 20;
/** ... until before, so that those who were refused together do not come back together. */
export const WALK_RETRY_MAX_SECONDS = 80;

/** Places of walks, so that a storm of them after a rollout costs pages nothing. */
export interface WalkSlots {
  /** Does the work of one question in the till's place; `busy` where there is none, or where it asks one already. */
  within<T>(
    tillId: string,
    work: () => Promise<Result<T, HqFailure>>,
  ): Promise<Result<T, HqFailure>>;
  /** The answer to a till that is to come again, at a time of its own. */
  busy(): Result<never, HqFailure>;
  /** The till's walk is over. */
  end(tillId: string): void;
  readonly taken: number;
}

/** @param random bytes, for when to come again */
export function createWalkSlots({
  nowMs,
  random,
}: {
  nowMs(): number;
  random(bytes: number): Uint8Array;
}): WalkSlots {
  const walks = new Map<string, { askedMs: number; asks: boolean }>();

  function forgetIdle(): void {
    for (const [tillId, { askedMs, asks }] of walks)
      if (!asks && Math.abs(nowMs() - askedMs) >= WALK_IDLE_MS) walks.delete(tillId);
  }

  function busy(): Result<never, HqFailure> {
    const [byte = 0] = random(1);
    const spread = WALK_RETRY_MAX_SECONDS - WALK_RETRY_MIN_SECONDS;
    const retryAfterSeconds = WALK_RETRY_MIN_SECONDS + Math.floor((byte * spread) / 256);
    return err(hqFailure('busy', undefined, { retryAfterSeconds }));
  }

  return {
    async within(tillId, work) {
      forgetIdle();
      const walk = walks.get(tillId);
      if (walk?.asks === true || (walk === undefined && walks.size >= WALKS_AT_ONCE)) return busy();
      const mine = walk ?? { askedMs: 0, asks: false };
      walks.set(tillId, mine);
      mine.asks = true;
      try {
        return await work();
      } finally {
        mine.asks = false;
        mine.askedMs = nowMs();
      }
    },
    busy,
    end: (tillId) => void walks.delete(tillId),
    get taken() {
      forgetIdle();
      return walks.size;
    },
  };
}
