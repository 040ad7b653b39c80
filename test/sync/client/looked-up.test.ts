import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../../../agent/contract/index.ts';
import { HOME_ONLY } from '../../../sync/hq/records/members-rule.ts';
import { writeMembers } from '../../../sync/hq/records/write-members.ts';
import { HQ_START_LIMIT_MS, type TestHq } from '../../support/hq.ts';
import { driftMember, startDriftHq, startDriftTill } from './checks/drift-rig.ts';
import { until } from './virtual-time.ts';

let hq: TestHq;
beforeAll(async () => {
  hq = await startDriftHq();
}, HQ_START_LIMIT_MS);
afterAll(() => hq.close());

describe('members of another store whom a till looked up', () => {
  test('are gone from it once they are erased at headquarters, though the look-up answered several', async () => {
    const PHONE = '13912345678';
    const elsewhere = (n: number, phone: string): Member => ({
      ...driftMember(n),
      phone,
      homeStoreId: 's2' as never,
    });
    const [stays, goes] = [elsewhere(1, PHONE), elsewhere(2, `+86${PHONE}`)];
    const members = [stays, goes];
    await hq.deps.db.transaction((tx) =>
      writeMembers(tx, { members, accounts: [], rule: HOME_ONLY, nowMs: Date.now() }),
    );
    const rig = await startDriftTill(hq, 'till-1');
    try {
      const here = () =>
        members.map(({ memberId }) => rig.till.store.members.byId(memberId) !== undefined);
      await until(() => rig.facts().state === 'online');
      expect(here()).toEqual([false, false]);
      // The answer may come after its deadline; it is taken all the same.
      await rig.client.headquarters.lookup.find({ by: 'phone', value: PHONE });
      await until(() => here().every((one) => one));
      await hq.deps.db.query('DELETE FROM members WHERE member_id = $1', [goes.memberId]);
      await until(() => here()[1] === false);
      expect(here()).toEqual([true, false]);
      expect(await rig.verify(true)).toMatchObject([{ outcome: 'clean' }, { outcome: 'clean' }]);
    } finally {
      await rig.stop();
    }
  }, 60_000);
});
