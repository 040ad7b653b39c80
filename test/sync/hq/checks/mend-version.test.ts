import { expect, test } from 'vitest';
import { mendVersion, type VersionedRow } from '../../../../sync/hq/checks/mend-version.ts';
import {
  BATCH_MAX_BYTES,
  SEQUENCER_LOCK,
  sequenceBatch,
} from '../../../../sync/hq/feed/sequence-batch.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { putMember } from '../feed/writers.ts';

describeOnEngines('a version that is put right', (hq) => {
  test('holds the sequencer off before its row is taken, and after its source: neither waits for the other', async () => {
    const db = await hq.fresh();
    await putMember(db, 'm-1', ['s1']);
    await sequenceBatch(db, { maxRows: 10, maxBytes: BATCH_MAX_BYTES });
    await db.query('UPDATE published SET ver = ver # 2');
    const [row] = await db.query<VersionedRow>(
      'SELECT scope, tbl, key, ver::text AS ver, body, hash FROM published',
    );
    const steps: string[] = [];
    const mended = await db.transaction((tx) =>
      mendVersion(
        {
          query(sql, values) {
            if (sql.includes('FOR UPDATE')) steps.push('source');
            if (sql.includes(`pg_advisory_xact_lock(${SEQUENCER_LOCK})`)) steps.push('sequencer');
            if (sql.startsWith('UPDATE published')) steps.push('row');
            return tx.query(sql, values);
          },
        },
        row as VersionedRow,
      ),
    );
    expect(mended).toBe(true);
    expect(steps).toEqual(['source', 'source', 'sequencer', 'row']);
  });
});
