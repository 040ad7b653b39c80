import { expect, test } from 'vitest';
import { digestStep } from '../../../../sync/hq/checks/digest-step.ts';
import {
  BATCH_MAX_BYTES,
  SEQUENCER_LOCK,
  sequenceBatch,
} from '../../../../sync/hq/feed/sequence-batch.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { putMember } from '../feed/writers.ts';

describeOnEngines('rows whose bodies or versions are put right', (hq) => {
  test('have all their sources taken before the sequencer is held off, and are taken after it: none waits for another', async () => {
    const db = await hq.fresh();
    for (const n of [1, 2, 3]) await putMember(db, `m-${n}`, ['s1']);
    await sequenceBatch(db, { maxRows: 10, maxBytes: BATCH_MAX_BYTES });
    await db.query("UPDATE published SET ver = ver # 2 WHERE key <> 'm-2'");
    await db.query("UPDATE published SET body = '{}' WHERE key = 'm-2'");
    const steps: string[] = [];
    const step = await db.transaction((tx) =>
      digestStep(
        {
          query(sql, values) {
            if (sql.includes('FOR UPDATE')) steps.push('source');
            if (sql.includes(`pg_advisory_xact_lock(${SEQUENCER_LOCK})`)) steps.push('sequencer');
            if (/^\s*UPDATE published/.test(sql)) steps.push('row');
            return tx.query(sql, values);
          },
        },
        { scope: 's1', tbl: 'member', key: '', sourceKey: null },
        7,
      ),
    );
    expect(step).toMatchObject({ mendedRows: 2, damagedRows: 1, publishedRows: 1 });
    const held = steps.indexOf('sequencer');
    // Members of all rows, then accounts of all: as writers of several take them.
    expect(steps.slice(0, held)).toEqual(['source', 'source']);
    expect(steps.slice(held)).not.toContain('source');
    expect(steps.filter((one) => one === 'row').length).toBeGreaterThan(0);
  });
});
