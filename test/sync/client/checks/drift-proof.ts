import { expect } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { REPAIR_ROWS_A_MINUTE } from '../../../../sync/client/checks/repair.ts';
import type { CheckRecord } from '../../../../sync/protocol/check.ts';
import type { TestHq } from '../../../support/hq.ts';
import { breakRows, takeCosts } from './break-rows.ts';
import { type DriftTill, memberKeyOf } from './drift-rig.ts';
import { injectFaults } from './inject.ts';

/** What one comparison cost on the wire. */
export interface WalkCost {
  readonly k: number;
  readonly bytes: number;
  readonly roundTrips: number;
}

/** Longest pause between two looks at a member while something else runs, in milliseconds, and how many there were. */
export async function lookingUp<T>(
  rig: DriftTill,
  members: number,
  run: () => Promise<T>,
): Promise<{ value: T; looks: number }> {
  let looks = 0;
  let ended = false;
  const look = async (): Promise<void> => {
    for (let n = 0; !ended; n = (n + 7_919) % members) {
      // Members that were not broken are there the whole time.
      const found = rig.till.store.members.byId(memberKeyOf(n - (n % 1_000)) as MemberId);
      expect(found, memberKeyOf(n - (n % 1_000))).toBeDefined();
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const looking = look();
  try {
    return { value: await run(), looks };
  } finally {
    ended = true;
    await looking;
  }
}

/** Injects faults, verifies deep, and proves that all were found, none falsely, and each is right again and in the audit. */
export async function proveRepair(
  rig: DriftTill,
  hq: TestHq,
  { count, members }: { count: number; members: number },
): Promise<{ scrub: CheckRecord; walk: CheckRecord; looks: number }> {
  const before = rig.audited();
  const expected = injectFaults(rig, { count, members, first: 1_001 });
  expect(expected.size).toBe(count);
  const { value: records, looks } = await lookingUp(rig, members, () => rig.verify(true));
  const [scrub, walk] = records;
  if (scrub === undefined || walk === undefined) throw new Error('a deep check has two records');
  expect(scrub).toMatchObject({ kind: 'scrub', why: 'asked', damaged: count });
  expect(walk).toMatchObject({ kind: 'walk', outcome: 'repaired', repaired: count });
  // A row may have been put right before: what was said of it since then counts.
  const audited = [...rig.audited()]
    .map(([key, kinds]) => [key, kinds.slice(before.get(key)?.length ?? 0)] as const)
    .filter(([, kinds]) => kinds.length > 0);
  expect(Object.fromEntries(audited)).toEqual(
    Object.fromEntries([...expected].map(([key, kind]) => [key, [kind]])),
  );
  await expectSame(rig, hq, [...expected.keys()]);
  return { scrub, walk, looks };
}

/** Holds the till's rows against headquarters' own. */
export async function expectSame(
  rig: DriftTill,
  hq: TestHq,
  keys: readonly string[],
): Promise<void> {
  const there = await hq.deps.db.query<{ key: string; body: string | null; ver: number }>(
    `SELECT key, body, ver FROM published WHERE tbl = 'member' AND key = ANY($1::text[]) AND body IS NOT NULL`,
    [keys],
  );
  const here = rig.sql((db) => {
    const find = db.prepare('SELECT member_id AS key, body, ver FROM members WHERE member_id = ?');
    return keys.map((key) => find.get(key)).filter((row) => row !== undefined);
  }) as { key: string; body: string; ver: number }[];
  const byKey = (rows: readonly { key: string }[]) =>
    rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  expect(byKey(here)).toEqual(byKey(there));
}

/** Breaks what the feed told of so many rows, as a deep scrub that found them leaves it, and walks. */
export async function costOf(rig: DriftTill, k: number, members: number): Promise<WalkCost> {
  const before = repairsOf(rig);
  const expected = await breakRows(rig, k, members);
  await rig.verify(false);
  // Headquarters may have told its roots meanwhile: then the check that they began found them, and this one nothing.
  expect(repairsOf(rig) - before).toBe(expected.size);
  const found = takeCosts(rig).filter(({ repaired }) => repaired === expected.size);
  const [first] = found;
  if (first === undefined) throw new Error('one walk finds all that differs');
  return { k, bytes: first.bytes, roundTrips: first.roundTrips };
}

function repairsOf(rig: DriftTill): number {
  return [...rig.audited().values()].reduce((sum, kinds) => sum + kinds.length, 0);
}

/** How long a repair of so many rows takes at least, in milliseconds. */
export function leastRepairMs(rows: number): number {
  return (rows * 60_000) / REPAIR_ROWS_A_MINUTE;
}
