import { assert, err, ok, type Result } from '../../agent/contract/result.ts';
import { type CallFailure, offlineReasonOf, stopOf } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { createHqClock } from './hq-clock.ts';
import { createPause } from './pause.ts';
import type { OfflineReason, SnapshotPort, SnapshotProgress, SyncStop } from './ports.ts';
import { createSession } from './session.ts';
import { fetchSnapshot } from './snapshot.ts';
import type { StorageFailure } from './storage-failure.ts';
import type { ProxySetting } from './sync-client.ts';
import { createTransport } from './transport.ts';
import { withRetries } from './with-retries.ts';

/** Attempts after the first to reach headquarters before the till opens without a snapshot. */
export const FIRST_SESSION_RETRIES = 2;

export type FirstSnapshotFailure =
  | { readonly code: 'unreachable'; readonly reason: OfflineReason }
  | { readonly code: 'stopped'; readonly stop: SyncStop }
  | { readonly code: 'damaged'; readonly message: string }
  | { readonly code: 'cancelled' }
  | StorageFailure;

export interface FirstSnapshotOptions extends SyncDeps {
  readonly snapshot: SnapshotPort;
  readonly onProgress?: (progress: SnapshotProgress) => void;
  readonly proxy?: ProxySetting;
  readonly signal: AbortSignal;
}

/**
 * Takes the first snapshot of a registered till that is not open yet. What came before a cut stays and is gone on from.
 * @returns the verified build, which the caller makes the live database; or why the till opens without it
 */
export async function firstSnapshot(
  options: FirstSnapshotOptions,
): Promise<Result<SnapshotProgress, FirstSnapshotFailure>> {
  const { store, clock, timers, random, signal, snapshot: port } = options;
  const registration = store.registration();
  assert(registration !== undefined, 'a snapshot needs a registration');
  const hqClock = createHqClock(clock);
  const { url, ca } = registration;
  const transport = createTransport({
    url,
    ca,
    clock,
    timers,
    proxy: options.proxy,
    hqNowMs: () => hqClock.nowMs(),
  });
  const lost = new AbortController();
  const session = createSession({
    deps: options,
    transport,
    registration,
    hqClock,
    onLost: () => lost.abort(),
    onStop: () => lost.abort(),
  });
  const pause = createPause(timers);
  try {
    const opened = await withRetries(() => session.open(signal), {
      retries: FIRST_SESSION_RETRIES,
      random,
      pause,
      signal,
    });
    if (!opened.ok) return err(failureOf(opened.error));
    const built = await fetchSnapshot(
      {
        deps: options,
        session,
        transport,
        port,
        pause,
        onProgress: options.onProgress ?? (() => {}),
      },
      AbortSignal.any([signal, lost.signal]),
    );
    if (built.ok) return ok(built.value);
    return err(built.error.code === 'call' ? failureOf(built.error.failure) : built.error);
  } finally {
    session.drop();
    transport.close();
  }
}

function failureOf(failure: CallFailure): FirstSnapshotFailure {
  const stop = stopOf(failure);
  if (stop !== null) return { code: 'stopped', stop };
  if (failure.code === 'cancelled') return { code: 'cancelled' };
  return { code: 'unreachable', reason: offlineReasonOf(failure) };
}
