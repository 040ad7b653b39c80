import { err, ok } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqCaller, HqDeps, HqHandlers, HqTimers, TillCaller } from '../deps.ts';
import type { SnapshotReader } from '../feed/create-snapshot-reader.ts';
import type { TillActivity } from '../tills/till-activity.ts';
import type { FeedHub } from './feed-hub.ts';

/** A till that polls hears the roots of all tables again after so long, in milliseconds: it may have begun anew meanwhile. */
export const ROOTS_AGAIN_MS = 10 * 60_000;
/** Tills that are known to have heard them, at most; one that is forgotten hears them again. */
export const ROOTS_TOLD_MAX = 10_000;

interface Parts {
  readonly deps: HqDeps;
  readonly hub: FeedHub;
  readonly snapshots: SnapshotReader;
  readonly activity: TillActivity;
  /** Ends waiting polls when HQ stops. */
  readonly stopping: AbortSignal;
}

/** The calls of a till whose line cannot hold a stream, and the start of a snapshot. */
export function createFeedHandlers(
  parts: Parts,
): Pick<HqHandlers, 'poll' | 'applied' | 'startSnapshot'> {
  const { deps, hub, snapshots, activity, stopping } = parts;
  /** When tills that poll last heard the roots of all tables, the longest ago first. */
  const rootsTold = new Map<string, number>();

  function areRootsDue(tillId: string): boolean {
    const atMs = rootsTold.get(tillId);
    return atMs === undefined || Math.abs(deps.nowMs() - atMs) >= ROOTS_AGAIN_MS;
  }

  function noteRoots(tillId: string): void {
    rootsTold.delete(tillId);
    rootsTold.set(tillId, deps.nowMs());
    if (rootsTold.size <= ROOTS_TOLD_MAX) return;
    const [oldest] = rootsTold.keys();
    if (oldest !== undefined) rootsTold.delete(oldest);
  }

  return {
    async poll(caller, { waitMs, ...cursor }) {
      const till = asTill(caller);
      if (!till.ok) return till;
      const { tillId, storeId, protocol } = till.value;
      activity.heard(tillId, cursor.pos);
      const untilMs = deps.nowMs() + waitMs;
      const rootsDue = areRootsDue(tillId);
      for (;;) {
        const woken = hearOnce(deps.timers, hub, storeId, stopping);
        const page = await hub.page({
          storeId,
          protocol,
          cursor,
          roots: rootsDue ? 'all' : 'changed',
        });
        if (!page.ok) {
          woken.stop();
          return page;
        }
        const leftMs = Math.min(untilMs - deps.nowMs(), waitMs);
        const moved = page.value.to.pos > page.value.from.pos;
        if (page.value.rows.length > 0 || leftMs <= 0 || stopping.aborted) {
          woken.stop();
          const head = page.value.exact ? page.value.to : hub.head();
          const tellsAll = rootsDue && page.value.roots !== undefined && !stopping.aborted;
          if (tellsAll) noteRoots(tillId);
          // At the head a till hears what it should hold there, though nothing came: once in a while, not with every poll.
          const tells = moved || tellsAll;
          return ok({ page: tells ? page.value : null, head, at: toInstant(deps.nowMs()) });
        }
        await woken.within(leftMs);
      }
    },
    async applied(caller, { cursor, waiting }) {
      const till = asTill(caller);
      if (!till.ok) return till;
      // A place in another timeline says nothing about how far the till is in this one.
      const known = cursor.timeline === hub.head().timeline;
      const { oldestAt = null } = waiting ?? {};
      activity.heard(
        till.value.tillId,
        known ? cursor.pos : undefined,
        waiting && {
          count: waiting.count,
          oldestMs: oldestAt === null ? null : Date.parse(oldestAt),
        },
      );
      return ok({});
    },
    async startSnapshot(caller) {
      const till = asTill(caller);
      if (!till.ok) return till;
      activity.heard(till.value.tillId);
      return ok(await snapshots.start(till.value.storeId, till.value.protocol));
    },
  };
}

/** The caller of an endpoint that only tills may call. */
export function asTill(
  caller: HqCaller,
): { readonly ok: true; readonly value: TillCaller } | ReturnType<typeof err<HqFailure>> {
  return caller.kind === 'till' ? ok(caller) : err(hqFailure('forbidden'));
}

/** Begins to listen for rows of a store; it is heard from now on, also before `within` is called. */
function hearOnce(timers: HqTimers, hub: FeedHub, storeId: string, stopping: AbortSignal) {
  const heard = Promise.withResolvers<void>();
  const unlisten = hub.listen({ storeId, wake: () => heard.resolve() });
  const stop = (): void => {
    unlisten();
    stopping.removeEventListener('abort', stop);
    heard.resolve();
  };
  stopping.addEventListener('abort', stop);
  return {
    stop,
    async within(waitMs: number): Promise<void> {
      const timer = timers.set(waitMs, stop);
      await heard.promise;
      timers.clear(timer);
      stop();
    },
  };
}
