import { TOMBSTONES_KEPT_DAYS } from '../../protocol/feed.ts';
import { forgetAccuracy } from '../accuracy/forget-accuracy.ts';
import { expireVisits } from '../books/expire-visits.ts';
import type { HqDeps } from '../deps.ts';
import { forgetKeyQuestions } from '../faces/forget-key-questions.ts';
import type { FeedReader } from '../feed/create-feed-reader.ts';
import type { ShownTls } from '../keys/create-shown-tls.ts';
import { forgetPasses } from '../pass/forget-passes.ts';
import { forgetOld } from '../tills/forget-old.ts';
import { releaseFenced } from '../tills/release-fenced.ts';
import { ACTIVITY_FLUSH_MS, type TillActivity } from '../tills/till-activity.ts';
import { describeError } from './describe-error.ts';

/** What is too old for any till is forgotten, and the certificate looked at, so often, in milliseconds. */
export const PURGE_EVERY_MS = 60 * 60_000;
const KEEP_MS = TOMBSTONES_KEPT_DAYS * 24 * 60 * 60_000;

interface Parts {
  readonly deps: HqDeps;
  readonly reader: FeedReader;
  readonly activity: TillActivity;
  readonly tls: Pick<ShownTls, 'renew'>;
}

/** Regular work beside the calls: writes down what tills did, forgets what nobody needs, keeps the certificate fresh. */
export function startHousekeeping({ deps, reader, activity, tls }: Parts): {
  /** Ends it, having written down the last. */
  stop(): Promise<void>;
} {
  // Either comes again by itself: a failure costs a figure or some room for a while.
  const quietly = (what: string, work: () => Promise<unknown>) => (): Promise<void> =>
    work().then(
      () => undefined,
      (error: unknown) => deps.log('warn', what, describeError(error)),
    );
  const flush = quietly('till activity was not kept', () => activity.flush());
  const purge = quietly('old tombstones were not purged', async () => {
    const purged = await reader.purge({ keepMs: KEEP_MS, nowMs: deps.nowMs() });
    deps.log('debug', 'old tombstones were purged', { ...purged });
  });
  const forget = quietly('old alarms, codes and tokens were not forgotten', () => forgetOld(deps));
  const release = quietly('reservations of tills out of service were not released', async () => {
    const released = await releaseFenced(deps);
    if (released > 0) deps.log('info', 'reservations of tills out of service ended', { released });
  });
  const visits = quietly('visits long over did not end', () => expireVisits(deps));
  const accuracy = quietly('findings and versions too old were not forgotten', () =>
    forgetAccuracy(deps),
  );
  const passes = quietly('passes that have ended were not forgotten', () => forgetPasses(deps));
  const faceKeys = quietly('old questions for keys of faces were not forgotten', () =>
    deps.db.transaction((tx) => forgetKeyQuestions(tx, deps.nowMs())),
  );
  const renew = quietly('the certificate was not looked at', () => tls.renew());
  const hourly = [purge, forget, release, visits, accuracy, passes, faceKeys, renew];
  const timers = [
    deps.timers.every(ACTIVITY_FLUSH_MS, flush),
    ...hourly.map((work) => deps.timers.every(PURGE_EVERY_MS, work)),
  ];
  return {
    async stop() {
      for (const timer of timers) deps.timers.clear(timer);
      await flush();
    },
  };
}
