import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HQ_START_LIMIT_MS, type TestHq } from '../../../support/hq.ts';
import { costOf, proveRepair } from './drift-proof.ts';
import { type DriftTill, loadMembers, startDriftHq, startDriftTill } from './drift-rig.ts';

/** The same with a million members: drift.long.test.ts. */
const MEMBERS = 50_000;
const FAULTS = MEMBERS / 100;

let hq: TestHq;
let rig: DriftTill;
beforeAll(async () => {
  hq = await startDriftHq();
  await loadMembers(hq, 0, MEMBERS);
  rig = await startDriftTill(hq, 'till-1');
}, 5 * HQ_START_LIMIT_MS);
afterAll(async () => {
  await rig.stop();
  await hq.close();
});

describe(`faults in ${MEMBERS} rows`, () => {
  test('cost a walk few bytes and at most four questions', async () => {
    const costs = [];
    for (const k of [0, 1, 100]) costs.push(await costOf(rig, k, MEMBERS));
    expect(costs.every(({ roundTrips }) => roundTrips <= 4)).toBe(true);
    const [none, one, many] = costs;
    // Two tables: members and the store's own row.
    expect(none?.bytes).toBeLessThanOrEqual(2 * 64);
    expect(one?.bytes).toBeLessThanOrEqual(1_024);
    expect(many?.bytes).toBeLessThanOrEqual(64 * 1_024);
  }, 180_000);

  test('of every kind are all found, none falsely, and repaired in one pass while members are looked up', async () => {
    const { looks } = await proveRepair(rig, hq, { count: FAULTS, members: MEMBERS });
    expect(looks).toBeGreaterThan(10);
    expect(await rig.verify(true)).toMatchObject([
      { kind: 'scrub', outcome: 'clean', damaged: 0, mended: 0 },
      { kind: 'walk', outcome: 'clean', repaired: 0 },
    ]);
  }, 180_000);
});
