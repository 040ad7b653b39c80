import { describe, expect, test, vi } from 'vitest';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Brought, bringSnapshot } from '../../../sync/client/bring-snapshot.ts';
import { unreachableBy } from '../../../sync/client/call-failure.ts';
import { createConnection, RELOAD_FAILURES_MAX } from '../../../sync/client/connection.ts';
import type { MergeMode } from '../../../sync/client/ports.ts';
import type { SnapshotFailure } from '../../../sync/client/snapshot.ts';
import { createPageTaker } from '../../../sync/client/take-page.ts';
import type { Cursor, FeedRow } from '../../../sync/protocol/feed.ts';
import { createFeedModel, memberRow } from './feed-model.ts';
import { createMemoryStore, diskFull, origin } from './memory-store.ts';
import { until } from './virtual-time.ts';

const signalOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** A connection with a session that lasts, whose copies answer what `bring` says. */
function rig(bring: () => Result<Brought, SnapshotFailure>) {
  const store = createMemoryStore(undefined);
  store.setCursor(origin('timeline-1'));
  const opened = { timeline: 'timeline-1', received: store.received() };
  const seen = { following: 0, modes: [] as MergeMode[], shown: [] as string[] };
  const ending = new AbortController();
  const connection = createConnection({
    deps: {
      store,
      clock: { now: () => 0, monoMs: () => 0 },
      random: (bytes: number) => Buffer.alloc(bytes),
      log: () => {},
    } as never,
    session: { open: async () => ok(opened), drop() {} } as never,
    pull: {
      async follow(signal: AbortSignal) {
        seen.following += 1;
        await signalOf(signal);
        seen.following -= 1;
        return { end: { code: 'session-over' }, steady: true };
      },
    } as never,
    facts: {
      event() {},
      follows() {},
      attempt() {},
      snapshot: ({ state }: { state: string }) => void seen.shown.push(state),
    } as never,
    troubles: { raise() {}, clear() {} } as never,
    pause: { wait: async () => void (await new Promise((next) => setImmediate(next))) } as never,
    async bringSnapshot(mode) {
      seen.modes.push(mode);
      await new Promise((next) => setImmediate(next));
      return bring();
    },
    beside: (_opened, signal) => signalOf(signal),
  });
  const running = connection.run(ending.signal);
  return {
    connection,
    seen,
    ending,
    async end() {
      ending.abort();
      await running;
    },
  };
}

describe('a copy that a check asked for', () => {
  test.each<[string, SnapshotFailure, number]>([
    ['finds no room', { code: 'storage', detail: 'disk-full' }, 1],
    ['proves damaged', { code: 'damaged', message: 'a page of the file' }, 1],
    [
      'is cut off each time',
      { code: 'call', failure: unreachableBy('wrong-answer', 'a segment is not whole') },
      RELOAD_FAILURES_MAX,
    ],
  ])('and that %s is given up, and the feed is followed again', async (_, failure, attempts) => {
    const { connection, seen, ending, end } = rig(() => err(failure));
    await until(() => seen.following === 1);
    expect(await connection.reload('adding', ending.signal)).toBeNull();
    await until(() => seen.following === 1);
    expect(seen.modes).toEqual(Array.from({ length: attempts }, () => 'adding'));
    expect(seen.shown.at(-1)).toBe('none');
    await end();
  });

  test('comes after failures within the limit, and counts them anew the next time', async () => {
    let failures = 0;
    const { connection, seen, ending, end } = rig(() => {
      failures += 1;
      return failures % RELOAD_FAILURES_MAX === 0
        ? ok({ changed: 7 })
        : err({ code: 'call', failure: unreachableBy('network', 'ECONNRESET') });
    });
    for (const mode of ['adding', 'differing'] as const)
      expect(await connection.reload(mode, ending.signal)).toEqual({ changed: 7 });
    await until(() => seen.following === 1);
    expect(seen.modes).toHaveLength(2 * RELOAD_FAILURES_MAX);
    expect(seen.modes.at(-1)).toBe('differing');
    await end();
  });

  test('leaves nothing on a disk that has no room for it, and tells what it changed', async () => {
    for (const mode of ['newer', 'adding'] as const) {
      const discard = vi.fn(async () => {});
      let merges = 0;
      const parts = {
        deps: { log: () => {}, random: (bytes: number) => Buffer.alloc(bytes) },
        session: { call: async () => ok({}), current: () => null },
        port: {
          begin: async () => ({ start: origin('timeline-1'), next: null, rowsDone: 0, rowsAll: 0 }),
          finish: async () =>
            ok({ start: origin('timeline-1'), next: null, rowsDone: 0, rowsAll: 0 }),
          merge() {
            merges += 1;
            if (merges === 3) throw diskFull();
            const changed = [{ table: 'member', key: `m-${merges}` }];
            return { done: merges > 4, rows: 1, applied: { changed, ignored: 0 } };
          },
          discard,
        },
        applier: { yieldNow: async () => {} },
        facts: { snapshot() {} },
        budgetMs: 5,
        mode,
        onApplied() {},
      };
      const signal = new AbortController().signal;
      const bring = () => bringSnapshot(parts as never, signal);
      expect(await bring()).toMatchObject({ error: { code: 'storage' } });
      expect(discard).toHaveBeenCalledTimes(mode === 'newer' ? 0 : 1);
      expect(await bring()).toEqual(ok({ changed: 2 }));
    }
  });
});

test('a page without rows that ends where the till is is compared and not written', async () => {
  const store = createMemoryStore(undefined);
  const feed = createFeedModel();
  store.setCursor(origin(feed.timeline));
  const taken: number[] = [];
  let applies = 0;
  const pages = createPageTaker({
    store,
    storeId: () => 'store-1',
    applier: {
      async apply(rows: readonly FeedRow[], cursor: Cursor) {
        applies += 1;
        store.apply(rows, cursor);
        return ok('applied');
      },
    } as never,
    log: () => {},
    onTaken: ({ to }) => void taken.push(to.pos),
  });
  const signal = new AbortController().signal;
  const still = feed.page(pages.cursor(), pages.cursor(), []);
  expect(await pages.take(still, signal)).toBeNull();
  expect([applies, taken.length]).toEqual([0, 1]);
  feed.publish([memberRow('m-1', 1)]);
  const moved = feed.pageAfter(pages.cursor());
  expect(moved && (await pages.take(moved, signal))).toBeNull();
  expect([applies, taken.length]).toEqual([1, 2]);
});
