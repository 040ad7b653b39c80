import { describe, expect, test } from 'vitest';
import { CLOCK_SET_BACK_MS, createClockGuard } from '../../../agent/app/clock-guard.ts';
import {
  ANNA,
  basket,
  commitOf,
  failed,
  hold,
  openTill,
  POS,
  RICE,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;

function guarded(startMs: number, remembered?: number) {
  const time = { wallMs: startMs, monoMs: 500 };
  const memory = { kept: remembered };
  const guard = createClockGuard(
    { now: () => time.wallMs, monoMs: () => time.monoMs },
    {
      get: () => memory.kept,
      set(epochMs) {
        memory.kept = epochMs;
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
