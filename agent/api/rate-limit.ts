import { err, type Failure, failure, ok, type Result } from '../contract/index.ts';
import { type ApiLimits, CALLERS_TRACKED_MAX } from './limits.ts';

/** Tokens that refill with time, up to a full bucket. */
interface Bucket {
  tokens: number;
  atMs: number;
  readonly perSecond: number;
  readonly burst: number;
}

interface Tracked {
  readonly bucket: Bucket;
  inFlight: number;
  streams: number;
}

/** Rates and concurrency of the callers of one till, over all transports together. */
export interface RateLimit {
  /** One request of a caller; the value says that it is finished. */
  request(caller: string): Result<() => void, Failure>;
  /** One event stream of a caller; the value says that it ended. */
  stream(caller: string): Result<() => void, Failure>;
  /** One request without a good token. */
  anonymous(): Result<void, Failure>;
  /** One attempt to pair. */
  pairing(): Result<void, Failure>;
}

/** @param monoMs a clock that only goes forward, in milliseconds */
export function createRateLimit(limits: ApiLimits, monoMs: () => number): RateLimit {
  const tracked = new Map<string, Tracked>();
  const bucket = (perSecond: number, burst: number): Bucket => ({
    tokens: burst,
    atMs: monoMs(),
    perSecond,
    burst,
  });
  const anonymous = bucket(limits.anonymousPerSecond, limits.anonymousBurst);
  const pairing = bucket(limits.pairingPerSecond, limits.pairingBurst);

  function take(from: Bucket): Result<void, Failure> {
    const nowMs = monoMs();
    from.tokens = Math.min(
      from.burst,
      from.tokens + ((nowMs - from.atMs) * from.perSecond) / 1_000,
    );
    from.atMs = nowMs;
    if (from.tokens >= 1) {
      from.tokens -= 1;
      return ok(undefined);
    }
    return err(tooMany(Math.ceil((1 - from.tokens) / from.perSecond)));
  }

  function track(caller: string): Tracked {
    const known = tracked.get(caller);
    if (known !== undefined) {
      // Kept in the order of use, so that the longest idle is first.
      tracked.delete(caller);
      tracked.set(caller, known);
      return known;
    }
    if (tracked.size >= CALLERS_TRACKED_MAX) forgetIdle();
    const fresh: Tracked = {
      bucket: bucket(limits.callerPerSecond, limits.callerBurst),
      inFlight: 0,
      streams: 0,
    };
    tracked.set(caller, fresh);
    return fresh;
  }

  function forgetIdle(): void {
    for (const [name, { inFlight, streams }] of tracked) {
      if (inFlight > 0 || streams > 0) continue;
      tracked.delete(name);
      return;
    }
  }

  return {
    request(caller) {
      const who = track(caller);
      if (who.inFlight >= limits.callerInFlightMax) return err(tooMany(1));
      const taken = take(who.bucket);
      if (!taken.ok) return taken;
      who.inFlight += 1;
      return ok(
        once(() => {
          who.inFlight -= 1;
        }),
      );
    },
    stream(caller) {
      const who = track(caller);
      if (who.streams >= limits.callerStreamsMax) return err(tooMany(1));
      who.streams += 1;
      return ok(
        once(() => {
          who.streams -= 1;
        }),
      );
    },
    anonymous: () => take(anonymous),
    pairing: () => take(pairing),
  };
}

function tooMany(retryAfterSeconds: number): Failure {
  return failure('too-many-requests', undefined, { retryAfterSeconds });
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
