import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHq } from '../../../support/hq.ts';
import { costOf, proveRepair, type WalkCost } from './drift-proof.ts';
import { type DriftTill, loadMembers, startDriftHq, startDriftTill } from './drift-rig.ts';

const MEMBERS = 1_000_000;
const FAULTS = 10_000;
/** A whole copy of these rows, packed, as the same study has it. */
const RELOAD_BYTES = 74_000_000;

/** Bytes and round trips that are allowed, without the rows themselves, and what negentropy's published run took. */
const GOALS = [
  // Members and the store's own row: two tables in one question.
  { k: 0, bytes: 64, negentropyBytes: 350, negentropyRoundTrips: 1 },
  { k: 1, bytes: 1_024, negentropyBytes: 2_400, negentropyRoundTrips: 3 },
  { k: 100, bytes: 64 * 1_024, negentropyBytes: 171_000, negentropyRoundTrips: 3 },
  { k: 10_000, bytes: 3 * 1_024 * 1_024, negentropyBytes: 10_400_000, negentropyRoundTrips: 3 },
] as const;

let hq: TestHq;
let rig: DriftTill;
beforeAll(async () => {
  hq = await startDriftHq();
  await loadMembers(hq, 0, MEMBERS);
  rig = await startDriftTill(hq, 'till-1');
}, 60 * 60_000);
afterAll(async () => {
  await rig.stop();
  await hq.close();
});

describe('a million rows', () => {
  test('are compared for as few bytes and questions as was promised, whatever differs', async () => {
    const costs: WalkCost[] = [];
    for (const { k } of GOALS) costs.push(await costOf(rig, k, MEMBERS));
    console.table(
      GOALS.map(({ k, bytes, negentropyBytes, negentropyRoundTrips }, i) => ({
        differences: k,
        bytes: costs[i]?.bytes,
        roundTrips: costs[i]?.roundTrips,
        goalBytes: bytes,
        negentropyBytes,
        negentropyRoundTrips,
        fullReloadBytes: RELOAD_BYTES,
      })),
    );
    for (const [i, goal] of GOALS.entries()) {
      expect(costs[i]?.bytes, `k = ${goal.k}`).toBeLessThanOrEqual(goal.bytes);
      expect(costs[i]?.roundTrips, `k = ${goal.k}`).toBeLessThanOrEqual(goal.k === 0 ? 1 : 4);
    }
  });

  test('with ten thousand faults have them all found, none falsely, and repaired in one pass while members are looked up', async () => {
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    const { scrub, walk, looks } = await proveRepair(rig, hq, { count: FAULTS, members: MEMBERS });
    const { user, system } = process.cpuUsage(cpu);
    console.info(
      `${walk.repaired} of ${FAULTS} faults repaired, ${scrub.rows} rows read, ${looks} look-ups meanwhile, ` +
        `${Math.round((performance.now() - startMs) / 1_000)} s, ${Math.round((user + system) / 1_000_000)} s of CPU of till and headquarters together`,
    );
    expect(await rig.verify(true)).toMatchObject([
      { kind: 'scrub', outcome: 'clean', damaged: 0, mended: 0 },
      { kind: 'walk', outcome: 'clean', repaired: 0 },
    ]);
  });
});
