import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import {
  createCheckHandlers,
  RECORDS_KEPT,
} from '../../../../sync/hq/checks/create-check-handlers.ts';
import { readCheckAges } from '../../../../sync/hq/checks/read-check-ages.ts';
import { listTills } from '../../../../sync/hq/tills/list-tills.ts';
import type { CheckRecord } from '../../../../sync/protocol/check.ts';
import { tillChecksSchema, tillListSchema } from '../../../../sync/protocol/fleet.ts';
import { checkRecord } from '../../../support/check-record.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { callerOf } from './walker.ts';

const HOUR_MS = 60 * 60_000;
const START_MS = Date.parse('2026-11-22T02:00:00Z');

/** A check of a till that ended `nth` seconds after the first. */
function record(nth: number, changes: Partial<CheckRecord> = {}): CheckRecord {
  return checkRecord({
    startedAt: toInstant(START_MS + nth * 1_000),
    endedAt: toInstant(START_MS + nth * 1_000 + 500),
    ...changes,
  });
}

describeOnEngines('what tills tell of their checks', (hq) => {
  async function scene() {
    const db = await hq.fresh();
    const ended: CheckRecord[] = [];
    const clock = { ms: START_MS };
    const deps = { db, nowMs: () => clock.ms };
    const handlers = createCheckHandlers(deps, (one) => ended.push(one));
    return {
      db,
      deps,
      ended,
      clock,
      tell: (tillId: string, records: CheckRecord[]) =>
        handlers.reportChecks(callerOf(tillId), { records }, undefined),
      async list(tillId: string, limit = 200) {
        const asked = { tillId, limit } as Parameters<typeof handlers.tillChecks>[1];
        const answer = await handlers.tillChecks({ kind: 'admin', name: 'it' }, asked, undefined);
        return tillChecksSchema.parse(must(answer)).checks;
      },
    };
  }

  test(`is kept, the newest ${RECORDS_KEPT} of each till, once also where it is told twice`, async () => {
    const { db, tell, list, ended } = await scene();
    await tell('till-2', [record(0)]);
    for (let from = 0; from < RECORDS_KEPT; from += 50)
      await tell(
        'till-1',
        Array.from({ length: 50 }, (_, i) => record(from + i)),
      );
    await tell('till-1', [record(RECORDS_KEPT - 1)]);
    expect(await list('till-1')).toHaveLength(RECORDS_KEPT);
    await tell('till-1', [record(RECORDS_KEPT)]);
    const kept = await list('till-1');
    expect(kept).toHaveLength(RECORDS_KEPT);
    expect([kept[0]?.startedAt, kept.at(-1)?.startedAt]).toEqual([
      record(RECORDS_KEPT).startedAt,
      record(1).startedAt,
    ]);
    expect(await list('till-2')).toHaveLength(1);
    const [all] = await db.query<{ n: number }>('SELECT count(*) AS n FROM till_checks');
    expect(all?.n, 'the oldest is gone').toBe(RECORDS_KEPT + 1);
    expect(await list('till-1', 3)).toHaveLength(3);
    expect(ended, 'figures count a record once').toHaveLength(RECORDS_KEPT + 2);
  });

  test('is an alarm where more than a hundredth differed, a copy was fetched, or a repair did not last', async () => {
    const { db, tell } = await scene();
    await tell('till-1', [
      record(1, { outcome: 'repaired', missing: 4, extra: 3, stale: 2, damaged: 1, repaired: 10 }),
      record(2, { outcome: 'repaired', missing: 11, repaired: 11 }),
      record(3, { outcome: 'reloaded' }),
      record(4, { outcome: 'stays', stale: 1 }),
      record(5, { outcome: 'stays', failure: 'drift-large' }),
      record(6, { kind: 'ledger', outcome: 'stays', missing: 500 }),
      record(7, { outcome: 'failed', failure: 'offline' }),
    ]);
    expect(await db.query('SELECT code, till_id, detail FROM alarms ORDER BY id')).toEqual([
      { code: 'drift-large', till_id: 'till-1', detail: 'walk: 11 of 1000 rows' },
      { code: 'drift-large', till_id: 'till-1', detail: 'walk: 0 of 1000 rows' },
      { code: 'drift-stays', till_id: 'till-1', detail: 'walk: 1 of 1000 rows' },
      { code: 'drift-large', till_id: 'till-1', detail: 'walk: 0 of 1000 rows' },
    ]);
  });

  test('of large drift is one alarm while it stands, and another one where it comes again', async () => {
    const { db, tell } = await scene();
    const large = (nth: number) => record(nth, { outcome: 'stays', failure: 'drift-large' });
    await tell('till-1', [
      large(1),
      record(2, { kind: 'ledger' }),
      record(3, { outcome: 'failed', failure: 'offline' }),
      large(4),
      large(5),
      record(6),
      large(7),
    ]);
    await tell('till-2', [large(8)]);
    expect(await db.query('SELECT till_id FROM alarms ORDER BY id')).toEqual([
      { till_id: 'till-1' },
      { till_id: 'till-1' },
      { till_id: 'till-2' },
    ]);
  });

  test('shows in the list of tills as the last full check, and by its age', async () => {
    const { db, deps, tell, clock } = await scene();
    await db.query(
      `INSERT INTO tills (till_id, store_id, state) VALUES
        ('till-1', 's1', 'registered'), ('till-2', 's1', 'registered'), ('till-3', 's1', 'waiting')`,
    );
    await tell('till-1', [
      record(1, { outcome: 'repaired', missing: 2, damaged: 1, repaired: 3 }),
      record(2, { kind: 'ledger' }),
      record(3, { kind: 'compare', outcome: 'repaired' }),
      record(4, { outcome: 'failed', failure: 'offline' }),
    ]);
    const feed = { head: async () => ({ pos: 0 }), behind: async () => 0 };
    const { tills } = tillListSchema.parse(must(await listOf()));
    async function listOf() {
      return { ok: true as const, value: await listTills(deps, feed) };
    }
    expect(tills.map(({ tillId, lastCheck }) => [tillId, lastCheck])).toEqual([
      ['till-1', { at: record(1).endedAt, kind: 'walk', outcome: 'repaired', drift: 3 }],
      ['till-2', null],
      ['till-3', null],
    ]);
    const ages = [];
    for (const hours of [0, 25, 24, 7 * 24]) {
      clock.ms += hours * HOUR_MS;
      ages.push(await readCheckAges(deps));
    }
    expect(ages).toEqual([
      { '1d': 1, never: 1 },
      { '2d': 1, never: 1 },
      { '7d': 1, never: 1 },
      { older: 1, never: 1 },
    ]);
  });
});
