import { describe, expect, test } from 'vitest';
import {
  CLOCK_LEAP_MAX_MS,
  CLOCK_SET_BACK_MS,
  createClockGuard,
} from '../../../agent/app/clock-guard.ts';
import {
  CLOCK_AHEAD_REPORTED_MS,
  HEARTBEAT_MS,
  HOUSEKEEPING_MS,
} from '../../../agent/app/heartbeat.ts';
import { REMOVALS_KEPT_DAYS } from '../../../agent/store/removals-kept.ts';
import { TOMBSTONES_KEPT_DAYS } from '../../../sync/protocol/feed.ts';
import {
  ANNA,
  basket,
  commitOf,
  failed,
  hold,
  MANAGER,
  openTill,
  PIN,
  POS,
  RICE,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;

function guarded(startMs: number, remembered?: number, proven?: number) {
  const time = { wallMs: startMs, monoMs: 500 };
  const memory = { kept: remembered, proven };
  const guard = createClockGuard(
    { now: () => time.wallMs, monoMs: () => time.monoMs },
    {
      get: () => memory.kept,
      set(epochMs) {
        memory.kept = epochMs;
      },
      getProven: () => memory.proven,
      setProven(epochMs) {
        memory.proven = epochMs;
      },
    },
  );
  return { time, memory, guard };
}

describe('the clock guard', () => {
  test('goes with the wall clock while it runs forward', () => {
    const { time, guard } = guarded(1_000_000);
    time.wallMs += 5_000;
    time.monoMs += 5_000;
    expect(guard.now()).toBe(1_005_000);
    expect(guard.trusted()).toBe(true);
  });

  test('stands still through a small correction and goes on when the wall clock has caught up', () => {
    const { time, guard } = guarded(10_000_000);
    time.wallMs -= CLOCK_SET_BACK_MS;
    expect([guard.now(), guard.trusted()]).toEqual([10_000_000, true]);
    time.wallMs += CLOCK_SET_BACK_MS + 1;
    expect(guard.now()).toBe(10_000_001);
  });

  test('one millisecond more than the tolerance is a clock set back', () => {
    const { time, guard } = guarded(10_000_000);
    time.wallMs -= CLOCK_SET_BACK_MS + 1;
    expect(guard.trusted()).toBe(false);
  });

  test('goes on by the monotonic clock while the wall clock is behind, and trusts it again once it was set right', () => {
    const { time, guard } = guarded(10 * DAY_MS);
    time.wallMs -= DAY_MS;
    time.monoMs += 60_000;
    expect([guard.now(), guard.trusted()]).toEqual([10 * DAY_MS + 60_000, false]);
    time.wallMs = 10 * DAY_MS + 61_000;
    expect([guard.trusted(), guard.now()]).toEqual([true, 10 * DAY_MS + 61_000]);
  });

  test('knows over a restart how late it was', () => {
    const before = guarded(10 * DAY_MS);
    before.guard.remember();
    const after = guarded(9 * DAY_MS, before.memory.kept);
    expect([after.guard.now(), after.guard.trusted()]).toEqual([10 * DAY_MS, false]);
    after.guard.remember();
    expect(after.memory.kept).toBe(10 * DAY_MS);
  });

  test('never runs backwards, whatever the wall clock does', () => {
    const { time, guard } = guarded(10 * DAY_MS);
    let last = 0;
    for (const jump of [
      0,
      -DAY_MS,
      1_000,
      -1_000,
      2 * DAY_MS,
      -DAY_MS / 2,
      7,
      -CLOCK_SET_BACK_MS,
      DAY_MS,
    ]) {
      time.wallMs += jump;
      time.monoMs += 10;
      expect(guard.now()).toBeGreaterThanOrEqual(last);
      last = guard.now();
    }
  });
});

describe('the time by which old records are thrown away', () => {
  test('runs with the till, takes a night or a long weekend in full and of a longer leap no more than that', () => {
    const { time, guard } = guarded(100 * DAY_MS);
    time.wallMs += DAY_MS;
    time.monoMs += DAY_MS;
    expect(guard.provenMs()).toBe(101 * DAY_MS);
    time.wallMs += CLOCK_LEAP_MAX_MS;
    expect(guard.provenMs()).toBe(101 * DAY_MS + CLOCK_LEAP_MAX_MS);
    time.wallMs += 401 * DAY_MS;
    time.monoMs += 1_000;
    expect(guard.provenMs()).toBe(101 * DAY_MS + 2 * CLOCK_LEAP_MAX_MS + 1_000);
    expect(guard.now()).toBe(502 * DAY_MS + CLOCK_LEAP_MAX_MS);
  });

  test('counts a leap once, over a restart too', () => {
    const before = guarded(100 * DAY_MS);
    before.guard.remember();
    const leapt = guarded(501 * DAY_MS, before.memory.kept, before.memory.proven);
    expect(leapt.guard.provenMs()).toBe(100 * DAY_MS + CLOCK_LEAP_MAX_MS);
    leapt.guard.remember();
    const again = guarded(501 * DAY_MS, leapt.memory.kept, leapt.memory.proven);
    expect(again.guard.provenMs()).toBe(100 * DAY_MS + CLOCK_LEAP_MAX_MS);
  });

  test('is the time that was confirmed, and can be taken back', () => {
    const { time, guard } = guarded(100 * DAY_MS);
    time.wallMs += 401 * DAY_MS;
    guard.now();
    time.wallMs = 101 * DAY_MS;
    expect(guard.trusted()).toBe(false);
    const takeBack = guard.confirm();
    expect([guard.now(), guard.trusted(), guard.provenMs()]).toEqual([
      101 * DAY_MS,
      true,
      101 * DAY_MS,
    ]);
    takeBack();
    expect([guard.now(), guard.trusted()]).toEqual([501 * DAY_MS, false]);
  });
});

test('housekeeping forgets removals once headquarters has long forgotten them, and not before', () => {
  const asked: number[] = [];
  const rig = openTill({
    wrapStore: (store) => ({
      ...store,
      sync: {
        ...store.sync,
        pruneTombstones: (beforeMs) => {
          asked.push(beforeMs);
          return 0;
        },
      },
    }),
  });
  rig.time.pass(HOUSEKEEPING_MS + 2_000);
  expect(asked).toHaveLength(1);
  const keptMs = rig.time.wallMs - (asked[0] ?? 0);
  expect(Math.floor(keptMs / DAY_MS)).toBe(REMOVALS_KEPT_DAYS);
  expect(REMOVALS_KEPT_DAYS).toBeGreaterThan(TOMBSTONES_KEPT_DAYS);
});

test('every heartbeat lets the store empty its log of what was erased', () => {
  const asked: string[] = [];
  const rig = openTill({
    wrapStore: (store) => ({ ...store, scrubErased: () => void asked.push('scrub') }),
  });
  const before = asked.length;
  rig.time.pass(3 * HEARTBEAT_MS);
  expect(asked).toHaveLength(before + 3);
});

describe('a clock set forward by mistake', () => {
  /** Sells, puts the clock 401 days ahead and lets housekeeping run. */
  async function soldThenLeapt() {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const request = commitOf(reply);
    const sale = value(await rig.till.commit(POS, request));
    rig.time.wallMs += 401 * DAY_MS;
    rig.time.pass(HOUSEKEEPING_MS + 60_000);
    return { rig, sale, key: request.key };
  }

  test('costs no sale and no answer: goods still come back and keys are still known', async () => {
    const { rig, sale, key } = await soldThenLeapt();
    expect(value(await rig.till.commitByKey(POS, key))).toEqual(sale);
    const back = await rig.till.returnGoods(POS, {
      returnId: 'ret-1',
      saleId: sale.saleId,
      lines: [{ lineId: 'l1', qty: 1 }],
      referenceId: 'R',
      reason: 'x',
      staffId: 'cashier-1',
    } as never);
    expect(value(back).payableMinor).toBe(-900);
  });

  test('is reported once and shown with how far it leapt', async () => {
    const { rig } = await soldThenLeapt();
    const told = rig
      .events()
      .filter(({ body }) => body.kind === 'till' && body.what === 'clock-set-forward');
    expect(told).toHaveLength(1);
    const { clockAheadMs = 0 } = value(await rig.till.status());
    expect(clockAheadMs).toBeGreaterThan(CLOCK_AHEAD_REPORTED_MS);
  });

  test('is put right by a manager, for good, with an audit row and an event', async () => {
    const { rig } = await soldThenLeapt();
    rig.time.wallMs -= 401 * DAY_MS;
    rig.time.pass(2_000);
    expect(value(await rig.till.status())).toMatchObject({ clockTrusted: false });
    const { now, before } = value(await rig.till.confirmTime(MANAGER, PIN));
    expect([before.slice(0, 4), now.slice(0, 10)]).toEqual(['2027', '2026-11-21']);
    expect(rig.store.audit.recent(1)).toMatchObject([
      { staffId: MANAGER, action: 'time-confirmed', detail: { before, now } },
    ]);
    expect(rig.events().at(-1)?.body).toEqual({
      kind: 'till',
      what: 'time-confirmed',
      detail: before,
    });
    const till = rig.restart();
    const status = value(await till.status());
    expect(status).toMatchObject({ clockTrusted: true });
    expect(status.now.slice(0, 10)).toBe('2026-11-21');
    expect(status).not.toHaveProperty('clockAheadMs');
    expect((await sell(rig, ANNA, basket('b2', [TEA]))).exception).toBeNull();
  });

  test('leaves no hold and no waiting member behind that would last until then', async () => {
    const rig = openTill();
    rig.time.wallMs += 401 * DAY_MS;
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    rig.time.wallMs -= 401 * DAY_MS;
    value(await rig.till.confirmTime(MANAGER, PIN));
    expect(value(await rig.till.pendingIdentification())).not.toBeNull();
    rig.time.pass(11 * 60_000);
    expect(value(await rig.till.pendingIdentification())).toBeNull();
    expect(rig.store.holds.get(reply.evaluationId)?.state).toBe('EXPIRED');
  });

  test('is not put right by a cashier or a wrong PIN', async () => {
    const { rig } = await soldThenLeapt();
    rig.time.wallMs -= 401 * DAY_MS;
    expect(failed(await rig.till.confirmTime('cashier-1', PIN)).code).toBe('role-required');
    expect(failed(await rig.till.confirmTime(MANAGER, '0000')).code).toBe('pin-wrong');
    expect(value(await rig.till.status())).toMatchObject({ clockTrusted: false });
  });
});

describe('clock set back a day', () => {
  test('is reported once, shown in the status, and no sale is refused', async () => {
    const rig = openTill();
    rig.time.wallMs -= DAY_MS;
    rig.time.pass(5_000);
    expect(
      rig.events().filter(({ body }) => body.kind === 'till' && body.what === 'clock-set-back'),
    ).toHaveLength(1);
    expect(value(await rig.till.status())).toMatchObject({ clockTrusted: false });
    const done = await sell(rig, ANNA, basket('b1', [TEA]));
    expect(done).toMatchObject({ exception: 'clock-set-back', pointsEarned: 9 });
    expect(done.at >= '2026-11-21T08:30:00.000Z').toBe(true);
  });

  test('weighs more than a payment rounded at the drawer, which the sealed body tells too', async () => {
    const rig = openTill();
    rig.time.wallMs -= DAY_MS;
    rig.time.pass(5_000);
    const reply = await ringUp(rig, null, basket('b1', [TEA]));
    await hold(rig, reply);
    const done = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 990 } })),
    );
    expect(done.exception).toBe('clock-set-back');
  });

  test('caps what proof is worth, and says so', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    rig.time.wallMs -= DAY_MS;
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [RICE], { identificationId: card.identificationId, pointsToSpend: 100 }),
      ),
    );
    expect(reply.evaluation.points.spent).toBe(0);
    expect(
      reply.decisions
        .find((one) => one.action === 'redeem-points')
        ?.reasons.map((reason) => reason.code),
    ).toEqual(['level-too-low', 'capped-clock']);
  });

  test('brings no expired points back', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100, { expiresOn: '2026-11-21' });
    const balance = async (): Promise<number | undefined> =>
      value(await rig.till.memberGlance(ANNA)).points;
    expect(await balance()).toBe(100);
    rig.time.pass(DAY_MS);
    expect(await balance()).toBe(0);
    rig.time.wallMs -= DAY_MS;
    expect(await balance()).toBe(0);
    rig.restart();
    expect(await balance()).toBe(0);
  });

  test('lets a hold run out at its deadline all the same', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.wallMs -= DAY_MS;
    rig.time.pass(11 * 60_000);
    expect(failed(await rig.till.commit(POS, commitOf(reply))).code).toBe('evaluation-expired');
  });
});
