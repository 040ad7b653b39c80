import { describe, expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import { unreachableBy } from '../../../../sync/client/call-failure.ts';
import { REPAIR_ROWS_A_MINUTE, REPAIRED_AGAIN_MS } from '../../../../sync/client/checks/repair.ts';
import { createRunWalk, RELOAD_REST_MS } from '../../../../sync/client/checks/run-walk.ts';
import type { ReloadMode } from '../../../../sync/client/ports.ts';
import { createTroubles } from '../../../../sync/client/troubles.ts';
import { AUDITED_ROWS_MAX, checkRecordSchema } from '../../../../sync/protocol/check.ts';
import { bodyOf, keyOf, walkRig } from './walk-rig.ts';

const NEVER = new AbortController().signal;
const DAY_MS = 24 * 60 * 60_000;

function rig(count?: number) {
  const walked = walkRig(count);
  const troubles = createTroubles(
    walked.time.clock,
    () => {},
    () => {},
  );
  const reloads: { readonly atMs: number; readonly mode: ReloadMode }[] = [];
  let settled = 0;
  const parts = {
    brings: true,
    /** Rows that a copy changes. */
    changed: 400,
    /** What a copy brings: everything that headquarters has. */
    onReload(mode: ReloadMode) {
      if (mode === 'differing') {
        walked.till.tables.clear();
        walked.till.digested.clear();
      }
      for (const [table, rows] of walked.hq.tables)
        for (const [key, { ver, body }] of rows) walked.till.put(table, key, ver, body);
    },
  };
  const start = () =>
    createRunWalk({
      clock: walked.time.clock,
      log: () => {},
      troubles,
      walk: async (tally) => {
        const done = await walked.walk();
        tally.bytes += walked.tally.bytes;
        tally.roundTrips += walked.tally.roundTrips;
        Object.assign(walked.tally, { bytes: 0, roundTrips: 0 });
        return done;
      },
      settle: async () => {
        settled += 1;
      },
      async reload(mode) {
        reloads.push({ atMs: walked.time.clock.monoMs(), mode });
        if (parts.brings) parts.onReload(mode);
        return parts.brings ? { changed: parts.changed } : null;
      },
    });
  let runWalk = start();
  const run: typeof runWalk = (...asked) => runWalk(...asked);
  return {
    ...walked,
    troubles,
    reloads,
    run,
    /** The program is started anew. */
    restart() {
      runWalk = start();
    },
    settled: () => settled,
    parts,
    codes: () => troubles.list().map(({ code }) => code),
  };
}

describe('a full-volume check', () => {
  test('that finds nothing is one comparison, and its record says so', async () => {
    const { run } = rig();
    const ended = await run('daily', NEVER);
    expect(ended).toMatchObject({
      ok: true,
      value: { outcome: 'clean', why: 'daily', roundTrips: 1 },
    });
    if (ended.ok) expect(checkRecordSchema.parse(ended.value)).toEqual(ended.value);
  });

  test('that repaired compares once more, and then is over', async () => {
    const { run, till, kinds, codes } = rig();
    till.remove('member', keyOf(1));
    expect(await run('root', NEVER)).toMatchObject({
      value: { outcome: 'repaired', missing: 1, repaired: 1, roundTrips: 5 },
    });
    expect(kinds().filter((t) => t === 'roots')).toHaveLength(2);
    expect(codes()).toEqual([]);
  });

  test('keeps both images of a row that differs again after its repair, tells it, and does not repair it in a circle', async () => {
    const { run, till, codes, time, kinds } = rig();
    till.put('member', keyOf(1), 2, '{"flipped":1}');
    till.forgetful = true;
    expect(await run('root', NEVER)).toMatchObject({ value: { outcome: 'stays', repaired: 1 } });
    expect(till.repairs).toHaveLength(1);
    expect(kinds().filter((t) => t === 'roots')).toHaveLength(2);
    expect(till.staying()).toEqual([
      {
        table: 'member',
        key: keyOf(1),
        atMs: expect.any(Number),
        here: { ver: 2, body: '{"flipped":1}' },
        there: { ver: 2, body: bodyOf(1) },
      },
    ]);
    expect(codes()).toEqual(['drift-stays']);
    // The same again the next hour: told, not repaired.
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'stays', repaired: 0 } });
    expect(till.repairs).toHaveLength(1);
    // A day later it is tried once more; this time it lasts.
    till.forgetful = false;
    await time.advance(REPAIRED_AGAIN_MS + 1);
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'repaired', repaired: 1 },
    });
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'clean' } });
    expect(codes()).toEqual([]);
  });

  test('tells what it repaired before a later question failed', async () => {
    const { run, till, hq, failures, kinds } = rig();
    hq.put('article', 'tea', 900, '{}');
    for (let n = 0; n < 100; n++) till.put('member', keyOf(n), n + 1, '{}');
    // The questions of one table, and the first one of the other.
    failures.set(4, unreachableBy('timed-out', 'no answer'));
    const ended = await run('daily', NEVER);
    expect(kinds()).toHaveLength(5);
    const repaired = till.repairs.flatMap(({ keys }) => keys).length;
    expect(repaired).toBe(100);
    expect(ended).toMatchObject({
      error: { record: { outcome: 'failed', failure: 'timed-out', repaired, damaged: 100 } },
    });
  });

  test('tells slices of a repair that were written before the disk failed', async () => {
    const { run, till } = rig();
    for (let n = 0; n < 100; n++) till.remove('member', keyOf(n));
    const { repair } = till;
    till.repair = (...row) => {
      if (till.repairs.length > 0)
        throw Object.assign(new Error('disk'), { name: 'StorageError', code: 'disk-full' });
      return repair.apply(till, row);
    };
    const ended = await run('daily', NEVER);
    const written = till.repairs.flatMap(({ keys }) => keys).length;
    expect(written).toBeGreaterThan(0);
    expect(ended).toMatchObject({
      error: { record: { repaired: written, missing: written, failure: 'storage-disk-full' } },
    });
  });

  test('in which rows changed before they were put right compares again, and fails where they change each time', async () => {
    for (const times of [1, 2]) {
      const { run, till, hq, kinds } = rig();
      till.put('member', keyOf(9), 9, bodyOf(9));
      let changes = 0;
      hq.before = ({ t }) => {
        if (t === 'rows' && changes++ < times) till.put('member', keyOf(9), 8 - changes, bodyOf(9));
      };
      const ended = await run('daily', NEVER);
      expect(kinds().filter((t) => t === 'roots')).toHaveLength(2);
      if (times === 1) expect(ended).toMatchObject({ value: { outcome: 'repaired', repaired: 1 } });
      else
        expect(ended).toMatchObject({
          error: { record: { outcome: 'failed', failure: 'unsettled', repaired: 0 } },
        });
    }
  });

  test('that corrected digests alone is not clean, and compares again', async () => {
    const { run, till, kinds } = rig();
    till.put('member', keyOf(9), 9, bodyOf(9));
    const { repair } = till;
    till.repair = (...row) => ({ ...repair.apply(till, row), repaired: [] });
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'repaired', mended: 1, repaired: 0 },
    });
    expect(kinds().filter((t) => t === 'roots')).toHaveLength(2);
  });

  test('of large drift changes no row, raises the alarm, fetches a copy and compares again', async () => {
    const { run, till, codes, reloads } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'reloaded', repaired: 400, failure: 'drift-large' },
    });
    expect(reloads).toMatchObject([{ mode: 'adding' }]);
    expect(till.repairs).toEqual([]);
    expect(codes()).toEqual([]);
    expect(till.tables.get('member')?.size).toBe(1_000);
  });

  test('of rows that no copy brings fetches one after another with hours between, or when a person asks', async () => {
    const { run, till, codes, reloads, parts, time } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    parts.onReload = () => {};
    for (const laterMs of [0, 1, RELOAD_REST_MS - 2, 1, DAY_MS]) {
      await time.advance(laterMs);
      expect(await run('daily', NEVER)).toMatchObject({
        value: { outcome: 'stays', failure: 'drift-large' },
      });
      expect(codes()).toEqual(['drift-large']);
    }
    await run('asked', NEVER);
    expect(reloads.map(({ mode }) => mode)).toEqual(['adding', 'adding', 'adding', 'adding']);
  });

  test('of large drift whose copy does not come tries again after hours, and takes nothing away by it', async () => {
    const { run, till, reloads, parts, time } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    parts.brings = false;
    for (const laterMs of [0, 1, RELOAD_REST_MS, DAY_MS]) {
      await time.advance(laterMs);
      expect(await run('daily', NEVER)).toMatchObject({ value: { failure: 'drift-large' } });
    }
    expect(reloads.map(({ mode }) => mode)).toEqual(['adding', 'adding', 'adding']);
  });

  test('takes what seems large drift in a burst of changes for none where the next comparison finds little', async () => {
    const { run, till, hq, asked, failures, codes, reloads, settled } = rig(1_000);
    till.remove('member', keyOf(1));
    // More lies in the buckets than headquarters lists: it changed while the till was summing.
    failures.set(2, { code: 'refused', refusal: 'too-large' } as never);
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'repaired', repaired: 1, failure: null },
    });
    expect([settled(), reloads.length, codes()]).toEqual([1, 0, []]);
    expect(till.tables.get('member')?.size).toBe(hq.tables.get('member')?.size);
    // What is large at the till's own place needs no second look.
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    await run('daily', NEVER);
    expect([settled(), reloads.length]).toEqual([1, 1]);
    // What seems large twice is.
    for (const nth of [2, 5])
      failures.set(asked.length + nth, { code: 'refused', refusal: 'too-large' } as never);
    till.remove('member', keyOf(1));
    expect(await run('asked', NEVER)).toMatchObject({ value: { outcome: 'reloaded' } });
    expect(settled()).toBe(2);
  });

  test('takes nothing away where headquarters has lost its rows, however long it goes on and whatever the clock says', async () => {
    for (const left of [0, 30]) {
      const { run, restart, till, hq, reloads, codes, time, settled } = rig(5_000);
      for (let n = left; n < 5_000; n++) hq.tables.get('member')?.delete(keyOf(n));
      for (const laterMs of [0, DAY_MS, DAY_MS, -3 * DAY_MS]) {
        if (laterMs > 0) await time.advance(laterMs);
        else time.clock.setWall(time.clock.now() + laterMs);
        restart();
        for (const why of ['daily', 'root', 'asked'] as const)
          expect(await run(why, NEVER)).toMatchObject({
            value: { outcome: 'stays', failure: 'drift-large', extra: 0 },
          });
      }
      expect(reloads).toEqual([]);
      expect(codes()).toEqual(['drift-large']);
      expect(till.tables.get('member')?.size).toBe(5_000);
      // All of it was known at the till's own place.
      expect(settled()).toBe(0);
    }
  });

  test('lets a person take away by a deep check what headquarters does not have', async () => {
    const { run, till, hq, reloads, codes, troubles } = rig(300);
    for (let n = 0; n < 250; n++) till.put('member', `x-${n}`, 5, '{}');
    await run('daily', NEVER);
    expect(troubles.list()).toMatchObject([
      { detail: 'member: at least 250 of 550 rows that headquarters does not have' },
    ]);
    expect(await run('asked', NEVER, true)).toMatchObject({ value: { outcome: 'reloaded' } });
    expect(reloads).toMatchObject([{ mode: 'differing' }]);
    expect(till.tables.get('member')?.size).toBe(hq.tables.get('member')?.size);
    expect(codes()).toEqual([]);
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'clean', failure: null } });
  });

  test('that leaves extras to a person puts right everything else all the same, in their table and in others', async () => {
    for (const table of ['member', 'article']) {
      const { run, till, reloads, codes, time } = rig(1_000);
      for (let n = 0; n < 250; n++) till.put(table, `x-${n}`, 5, '{}');
      await run('daily', NEVER);
      // A few rows: one by one.
      for (let n = 0; n < 150; n++) till.remove('member', keyOf(n));
      till.put('member', keyOf(200), 201, '{"flipped":1}');
      expect(await run('daily', NEVER)).toMatchObject({
        value: { outcome: 'stays', missing: 150, damaged: 1, extra: 0, repaired: 151 },
      });
      expect(reloads).toEqual([]);
      // Many: by a copy, as often as they are lost.
      for (const copies of [1, 2]) {
        for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
        expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'stays' } });
        expect(reloads.map(({ mode }) => mode)).toEqual(Array(copies).fill('adding'));
        expect(till.tables.get('member')?.get(keyOf(0))).toBeDefined();
        await time.advance(RELOAD_REST_MS);
      }
      expect(till.tables.get(table)?.get('x-0')).toBeDefined();
      expect(codes()).toEqual(['drift-large']);
    }
  });

  test('whose copy does not come says that the drift stays, and tells what else it repaired', async () => {
    const { run, till, hq, parts, codes, reloads } = rig(1_000);
    hq.put('article', 'tea', 900, '{}');
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    parts.brings = false;
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'stays', failure: 'drift-large', repaired: 1 },
    });
    expect(reloads).toHaveLength(1);
    expect(codes()).toEqual(['drift-large']);
  });

  test('whose program ends meanwhile is cancelled', async () => {
    const { run, till, parts } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    const ending = new AbortController();
    parts.onReload = () => ending.abort();
    expect(await run('daily', ending.signal)).toMatchObject({
      error: { failure: { code: 'cancelled' }, record: { outcome: 'failed' } },
    });
  });

  test('tells a disk that fails in any of its steps', async () => {
    const { run, till } = rig();
    till.remove('member', keyOf(1));
    till.fail = () => Object.assign(new Error('disk'), { name: 'StorageError', code: 'disk-full' });
    const failed = await run('daily', NEVER);
    expect(failed).toMatchObject({
      error: { failure: { code: 'storage' }, record: { failure: 'storage-disk-full' } },
    });
  });
});

describe('a repair', () => {
  test('goes in slices that one audit row can name, puts rows right first and takes rows away last', async () => {
    const { repair, till, time } = walkRig(1_000);
    const right = [];
    for (let n = 0; n < 150; n++) {
      till.put('member', `x-${n}`, 3, '{}');
      right.push({ key: `x-${n}`, ver: 0, body: null });
      till.remove('member', keyOf(n));
      right.push({ key: keyOf(n), ver: n + 1, body: bodyOf(n) });
    }
    const seen = new Map(
      [...(till.digested.get('member') ?? [])].map(([key, digest]) => [
        key,
        digest.toString('hex'),
      ]),
    );
    const at = till.place as NonNullable<typeof till.place>;
    const running = repair.run({ table: 'member', right, seen, at }, NEVER);
    for (let n = 0; n < 20; n++) await time.advance(100);
    expect(await running).toMatchObject({
      value: { repaired: 300, kinds: { missing: 150, extra: 150 } },
    });
    const sizes = till.repairs.map(({ keys }) => keys.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(AUDITED_ROWS_MAX);
    const keys = till.repairs.flatMap(({ keys: some }) => some);
    expect(keys.findIndex((key) => key.startsWith('x-'))).toBe(150);
    expect(keys.slice(150).every((key) => key.startsWith('x-'))).toBe(true);
  });

  test('keeps to its rate over several repairs, whoever wakes it', async () => {
    const { repair, till, time, pause } = walkRig(10);
    const rows = REPAIR_ROWS_A_MINUTE / 60;
    const at = till.place as NonNullable<typeof till.place>;
    const right = Array.from({ length: rows }, (_, n) => ({ key: `r-${n}`, ver: 1, body: '{}' }));
    let ended = 0;
    const both = (async () => {
      for (const table of ['a', 'b']) {
        const done = await repair.run({ table, right, seen: new Map(), at }, NEVER);
        expect(done).toEqual(ok(expect.objectContaining({ repaired: rows })));
        ended += 1;
      }
    })();
    // What comes last needs no room after it.
    const leastMs = ((2 * rows - AUDITED_ROWS_MAX) * 60_000) / REPAIR_ROWS_A_MINUTE;
    for (let ms = 0; ms < leastMs - 100; ms += 100) {
      pause.wake();
      await time.advance(100);
      expect(ended).toBeLessThan(2);
    }
    await time.advance(1_000);
    await both;
    expect(ended).toBe(2);
  });
});
