import { describe, expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import { unreachableBy } from '../../../../sync/client/call-failure.ts';
import { REPAIR_ROWS_A_MINUTE, REPAIRED_AGAIN_MS } from '../../../../sync/client/checks/repair.ts';
import {
  createRunWalk,
  EXTRAS_STAND_MS,
  RELOAD_REST_MS,
} from '../../../../sync/client/checks/run-walk.ts';
import type { ReloadMode } from '../../../../sync/client/ports.ts';
import { createTroubles } from '../../../../sync/client/troubles.ts';
import {
  AUDITED_ROWS_MAX,
  type CheckRecord,
  checkRecordSchema,
} from '../../../../sync/protocol/check.ts';
import { bodyOf, keyOf, walkRig } from './walk-rig.ts';

const NEVER = new AbortController().signal;

function rig(count?: number) {
  const walked = walkRig(count);
  const troubles = createTroubles(
    walked.time.clock,
    () => {},
    () => {},
  );
  const reloads: { readonly atMs: number; readonly mode: ReloadMode }[] = [];
  const records: CheckRecord[] = [];
  let settled = 0;
  const parts = {
    brings: true,
    /** Rows that a copy changes. */
    changed: 400,
    /** What a copy brings: everything that headquarters has. */
    onReload() {
      walked.till.tables.clear();
      walked.till.digested.clear();
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
      records: () => records,
      settle: async () => {
        settled += 1;
      },
      async reload(mode) {
        reloads.push({ atMs: walked.time.clock.monoMs(), mode });
        if (parts.brings) parts.onReload();
        return parts.brings ? { changed: parts.changed } : null;
      },
    });
  let runWalk = start();
  const run: typeof runWalk = async (...asked) => {
    const ended = await runWalk(...asked);
    records.unshift(ended.ok ? ended.value : ended.error.record);
    return ended;
  };
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

  test('of large drift that no copy heals fetches one more a day later, and none after it unless a person asks', async () => {
    const { run, restart, till, codes, reloads, parts, time } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    parts.onReload = () => {};
    const modes = () => reloads.map(({ mode }) => mode);
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'stays', failure: 'drift-large-copied' },
    });
    expect(codes()).toEqual(['drift-large']);
    for (const laterMs of [0, RELOAD_REST_MS, EXTRAS_STAND_MS - RELOAD_REST_MS - 60_000]) {
      await time.advance(laterMs);
      restart();
      await run('root', NEVER);
      expect(modes()).toEqual(['adding']);
    }
    await run('asked', NEVER);
    expect(modes()).toEqual(['adding', 'adding']);
    restart();
    await time.advance(60_000);
    expect(await run('daily', NEVER)).toMatchObject({
      value: { outcome: 'stays', failure: 'drift-large-stays' },
    });
    expect(modes()).toEqual(['adding', 'adding', 'differing']);
    for (let day = 0; day < 3; day++) {
      await time.advance(EXTRAS_STAND_MS);
      restart();
      expect(await run('daily', NEVER)).toMatchObject({ value: { failure: 'drift-large-stays' } });
    }
    expect(modes()).toHaveLength(3);
    expect(codes()).toEqual(['drift-large']);
    expect(await run('asked', NEVER)).toMatchObject({ value: { failure: 'drift-large-stays' } });
    expect(modes()).toHaveLength(4);
    // Once it is healed, large drift that comes later begins from the front.
    for (let n = 0; n < 400; n++) till.put('member', keyOf(n), n + 1, bodyOf(n));
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'clean' } });
    expect(codes()).toEqual([]);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    await time.advance(RELOAD_REST_MS);
    await run('daily', NEVER);
    expect(modes().slice(4)).toEqual(['adding']);
  });

  test('of large drift whose copy does not come tries again after hours, and takes nothing away by it', async () => {
    const { run, till, reloads, parts, time } = rig(1_000);
    for (let n = 0; n < 400; n++) till.remove('member', keyOf(n));
    parts.brings = false;
    for (const laterMs of [0, 1, RELOAD_REST_MS, EXTRAS_STAND_MS]) {
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

  test('takes no rows away by a first copy, however many are too many, unless a person asked for a deep check', async () => {
    const { run, till, hq, reloads, parts, codes } = rig(300);
    for (let n = 0; n < 250; n++) till.put('member', `x-${n}`, 5, '{}');
    parts.onReload = () => {
      if (reloads.at(-1)?.mode === 'differing')
        for (let n = 0; n < 250; n++) till.remove('member', `x-${n}`);
    };
    for (const why of ['daily', 'asked'] as const) {
      expect(await run(why, NEVER)).toMatchObject({
        value: { outcome: 'stays', failure: 'drift-large-copied' },
      });
      expect(codes()).toEqual(['drift-large']);
      expect(till.tables.get('member')?.size).toBe(550);
    }
    expect(await run('asked', NEVER, true)).toMatchObject({ value: { outcome: 'reloaded' } });
    expect(reloads.map(({ mode }) => mode)).toEqual(['adding', 'adding', 'differing']);
    expect(till.tables.get('member')?.size).toBe(hq.tables.get('member')?.size);
    expect(codes()).toEqual([]);
  });

  test('takes extras away by the second copy, a day after the alarm, and is then clean without a person', async () => {
    const { run, restart, till, hq, reloads, parts, codes, time } = rig(300);
    for (let n = 0; n < 250; n++) till.put('member', `x-${n}`, 5, '{}');
    parts.onReload = () => {
      if (reloads.at(-1)?.mode === 'differing')
        for (let n = 0; n < 250; n++) till.remove('member', `x-${n}`);
    };
    await run('daily', NEVER);
    restart();
    await time.advance(EXTRAS_STAND_MS);
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'reloaded' } });
    expect(reloads.map(({ mode }) => mode)).toEqual(['adding', 'differing']);
    expect(till.tables.get('member')?.size).toBe(hq.tables.get('member')?.size);
    expect(codes()).toEqual([]);
    await time.advance(EXTRAS_STAND_MS);
    expect(await run('daily', NEVER)).toMatchObject({ value: { outcome: 'clean' } });
    expect(reloads).toHaveLength(2);
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
