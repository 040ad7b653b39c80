import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { TILL_ALARMS_SHOWN } from '../../../../sync/hq/tills/show-till.ts';
import type { CheckRecord } from '../../../../sync/protocol/check.ts';
import { DRIFT_DAYS, type TillDetail, type TillRow } from '../../../../sync/protocol/fleet.ts';
import { checkRecord } from '../../../support/check-record.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');
const DAY_MS = 24 * 60 * 60_000;

describe('the fleet view of headquarters', () => {
  let hq: TestHq;
  let aheadMs = 0;
  let admin: string;
  beforeEach(async () => {
    aheadMs = 0;
    hq = await startTestHq({ db: await databases.fresh(), nowMs: () => Date.now() + aheadMs });
    admin = await hq.token();
  }, HQ_START_LIMIT_MS);
  afterEach(() => hq.close());

  const show = async (tillId: string) =>
    (await askHq(hq, `/v1/admin/tills/${tillId}`, { token: admin })).body as TillDetail;
  const overview = async () =>
    (await askHq(hq, '/v1/admin/overview', { token: admin })).body as {
      checks: unknown;
      recentAlarms: number;
    };
  let ended = 0;
  const report = async (token: string, over: Partial<CheckRecord> = {}) => {
    ended += 1;
    const endedAt = toInstant(Date.now() + aheadMs + ended);
    const record = checkRecord({ startedAt: endedAt, endedAt, rows: 10_000, ...over });
    const told = await askHq(hq, '/v1/checks/reports', { token, body: { records: [record] } });
    expect(told.status).toBe(200);
  };

  test('shows what waits at a till as the till says, and keeps it while it says nothing', async () => {
    const { token, till } = await joinTill(hq, 'till-1');
    const cursor = { timeline: till.timeline, pos: 0, chain: '0'.repeat(64) };
    const tell = (waiting?: object) =>
      askHq(hq, '/v1/applied', { token, body: { cursor, ...(waiting && { waiting }) } });
    expect((await show('till-1')).till).toMatchObject({ waiting: null, oldestWaitingAt: null });
    const oldestAt = '2026-11-21T06:30:00.000Z';
    expect((await tell({ count: 18, oldestAt })).status).toBe(200);
    await expect
      .poll(async () => (await show('till-1')).till, { timeout: 10_000 })
      .toMatchObject({ waiting: 18, oldestWaitingAt: oldestAt });
    const { lastSeenAt } = (await show('till-1')).till;
    aheadMs = 1_000;
    await tell();
    await expect
      .poll(async () => (await show('till-1')).till.lastSeenAt, { timeout: 10_000 })
      .not.toBe(lastSeenAt);
    expect((await show('till-1')).till).toMatchObject({ waiting: 18, oldestWaitingAt: oldestAt });
    await tell({ count: 0, oldestAt: null });
    await expect
      .poll(async () => (await show('till-1')).till, { timeout: 10_000 })
      .toMatchObject({ waiting: 0, oldestWaitingAt: null });
  });

  test(`counts rows that walks of the last ${DRIFT_DAYS} days found, and each once`, async () => {
    const { token } = await joinTill(hq, 'till-1');
    await joinTill(hq, 'till-2');
    await report(token, { outcome: 'repaired', stale: 5, repaired: 5 });
    aheadMs = (DRIFT_DAYS - 1) * DAY_MS;
    const { token: later } = await joinTill(hq, 'till-1');
    await report(later, { outcome: 'repaired', missing: 2, damaged: 1, repaired: 3 });
    // What a deep check suspects is counted by the walk that follows it; a ledger has no rows of the feed.
    await report(later, { kind: 'scrub', outcome: 'repaired', damaged: 3 });
    await report(later, { kind: 'ledger', outcome: 'repaired', missing: 7, repaired: 7 });
    const list = await askHq(hq, '/v1/admin/tills', { token: admin });
    const drift = (list.body.tills as TillRow[]).map((till) => [till.tillId, till.recentDrift]);
    expect(drift).toEqual([
      ['till-1', 8],
      ['till-2', 0],
    ]);
    aheadMs = (DRIFT_DAYS + 1) * DAY_MS;
    expect((await show('till-1')).till.recentDrift).toBe(3);
  });

  test('comes to figures of a day and of a week', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await joinTill(hq, 'till-2');
    expect(await overview()).toMatchObject({
      checks: { tills: 2, checkedTills: 0, driftRows: 0, repairedRows: 0 },
      recentAlarms: 0,
    });
    await report(token, { outcome: 'stays', stale: 3, repaired: 2 });
    expect(await overview()).toMatchObject({
      checks: { tills: 2, checkedTills: 1, driftRows: 3, repairedRows: 2 },
      recentAlarms: 1,
    });
    aheadMs = 2 * DAY_MS;
    expect(await overview()).toMatchObject({ checks: { checkedTills: 0, driftRows: 3 } });
    aheadMs = 8 * DAY_MS;
    expect(await overview()).toMatchObject({
      checks: { driftRows: 0, repairedRows: 0 },
      recentAlarms: 0,
    });
  });

  test('shows the latest alarms of one till alone, and says of an unknown one that there is none', async () => {
    await joinTill(hq, 'till-1');
    await hq.deps.db.script(
      `INSERT INTO alarms (at_ms, code, till_id, detail)
         SELECT n, 'drift-stays', CASE WHEN n = 1 THEN 'till-2' ELSE 'till-1' END, 'no ' || n
         FROM generate_series(1, ${TILL_ALARMS_SHOWN + 2}) AS n`,
    );
    const { alarms } = await show('till-1');
    expect(alarms).toHaveLength(TILL_ALARMS_SHOWN);
    expect(alarms[0]?.text.en).toContain(`no ${TILL_ALARMS_SHOWN + 2}`);
    expect(alarms.every(({ tillId }) => tillId === 'till-1')).toBe(true);
    const none = await askHq(hq, '/v1/admin/tills/nobody', { token: admin });
    expect(none).toMatchObject({ status: 404, body: { code: 'not-found', field: 'tillId' } });
  });
});
