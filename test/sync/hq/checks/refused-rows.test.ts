import { expect, test } from 'vitest';
import { startDigestPass } from '../../../../sync/hq/checks/start-digest-pass.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { createSnapshotReader } from '../../../../sync/hq/feed/create-snapshot-reader.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { atTheBeginning } from '../feed/follow.ts';
import { readSegment } from '../feed/read-snapshot.ts';
import { putMember, putTag } from '../feed/writers.ts';
import { expectDigestsRight } from './digest-model.ts';
import { handTimers } from './hand-timers.ts';
import { sequence } from './questions-scene.ts';

const DAMAGES = {
  body: `UPDATE published SET body = replace(body, '{"', '{"x') WHERE key = 'm-3'`,
  hash: "UPDATE published SET hash = translate(hash, '0123', '3210') WHERE key = 'm-3'",
  version: "UPDATE published SET ver = ver # 4096 WHERE key = 'm-3'",
};

/** What a page or a segment for the store tells of. */
function readersOf(db: HqDatabase, told: string[][]) {
  const onDamaged = (...row: string[]): void => void told.push(row);
  const reader = createFeedReader({ db, onDamaged });
  const snapshots = createSnapshotReader({ db, onDamaged });
  return {
    async page() {
      const cursor = await atTheBeginning(reader);
      must(await reader.readPage({ storeId: 's1', protocol: PROTOCOL_VERSION, cursor }));
    },
    segment: () => readSegment(snapshots, { storeId: 's1', table: 'member', after: '' }),
  };
}

describeOnEngines('a row that tills refuse', (hq) => {
  test.each(Object.entries(DAMAGES))(
    'is told when it is read for one, and right again after one look at it: damaged %s',
    async (_what, damage) => {
      const db = await hq.fresh();
      for (const n of [1, 2, 3, 4, 5]) await putMember(db, `m-${n}`, ['s1', 's2']);
      await putTag(db, 'a');
      await sequence(db);
      const told: string[][] = [];
      const read = readersOf(db, told);
      await read.page();
      await read.segment();
      expect(told).toEqual([]);
      await db.query(`${damage} AND scope = 's1'`);
      await read.page();
      await read.segment();
      expect(told).toEqual([
        ['s1', 'member', 'm-3'],
        ['s1', 'member', 'm-3'],
      ]);
      const { timers, fire } = handTimers();
      const pass = startDigestPass({ db, nowMs: () => 1_000_000, timers, log: () => {} });
      pass.lookAt('s1', 'member', 'm-3');
      pass.lookAt('s1', 'member', 'm-3');
      // Rows of every store, then rows of this one.
      await fire();
      await fire();
      await pass.stop();
      await sequence(db);
      await read.page();
      await read.segment();
      expect(told).toHaveLength(2);
      await expectDigestsRight(db);
    },
  );
});
