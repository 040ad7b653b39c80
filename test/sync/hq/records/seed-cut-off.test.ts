import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEMO_SEED, generateDemoChain } from '../../../../demo/chain.ts';
import { demoSettings } from '../../../../demo/settings.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { SEED_BATCH_MEMBERS, seedChain } from '../../../../sync/hq/records/seed-chain.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { NOW_MS, testDeps } from '../import/import-support.ts';

const whole = generateDemoChain({ seed: DEMO_SEED, nowMs: NOW_MS });
const members = whole.members.slice(0, SEED_BATCH_MEMBERS + 1);
const ids = new Set<string>(members.map(({ memberId }) => memberId));
/** As many members of the demo as take two batches. */
const chain = { ...whole, members, lots: whole.lots.filter((lot) => ids.has(lot.memberId)) };
const rules = readFileSync(new URL('../../../../demo/rules.yaml', import.meta.url), 'utf8');

describeOnEngines('the seed of a headquarters', (hq) => {
  it('that was cut off is done again, and once it is whole never more', async () => {
    const db = await hq.fresh();
    let left = 2;
    const failing: HqDatabase = {
      ...db,
      transaction: (work) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('power cut')) : db.transaction(work);
      },
    };
    const seed = (on: HqDatabase) =>
      seedChain(testDeps(on), chain, { settings: demoSettings, rules });
    const held = async () =>
      (await db.query<{ n: number }>('SELECT count(*)::int AS n FROM members'))[0]?.n;
    await expect(seed(failing)).rejects.toThrow('power cut');
    expect(await held()).toBe(SEED_BATCH_MEMBERS);
    expect(await seed(db)).toMatchObject({ members: members.length });
    expect(await held()).toBe(members.length);
    expect(await seed(failing)).toBeNull();
  });
});
