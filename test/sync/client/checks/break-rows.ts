import { until } from '../virtual-time.ts';
import { type DriftTill, memberKeyOf } from './drift-rig.ts';

/** States in which rows are held against headquarters'. */
const COMPARING: readonly string[] = ['comparing', 'walking', 'repairing', 'reloading'];

/** What a walk has logged of itself. */
export interface WalkLog {
  readonly repaired: number;
  readonly bytes: number;
  readonly roundTrips: number;
}

/** The walks that the till has logged since it was asked last; the first of a check finds, the second confirms. */
export function takeCosts(rig: DriftTill): WalkLog[] {
  const costs = rig.logs
    .filter(({ message }) => message === 'the till was compared with headquarters')
    .map(({ fields }) => fields as WalkLog);
  rig.logs.splice(0);
  return costs;
}

/** A whole pass of the scrub at once. */
export function scrubAll({ till }: DriftTill): void {
  const { checks } = till.store.sync;
  for (let { next } = checks.scrub(null, 2_000); next !== null; )
    ({ next } = checks.scrub(next, 2_000));
}

/**
 * Breaks `k` rows as a deep scrub that found them leaves them: 60 % missing, 30 % stale, 10 % extra, as the published
 * figures have it. @returns their keys
 */
export async function breakRows(
  rig: DriftTill,
  k: number,
  members: number,
): Promise<ReadonlyMap<string, string>> {
  // A check that began before the faults were there may repair some of them.
  await until(() => !COMPARING.includes(rig.facts().checks?.state ?? ''));
  const keys = k === 0 ? new Map<string, string>() : injectMixed(rig, k, members);
  scrubAll(rig);
  takeCosts(rig);
  return keys;
}

function injectMixed(rig: DriftTill, k: number, members: number): Map<string, string> {
  const keys = new Map<string, string>();
  const step = Math.floor((members - 1_001) / (k + 2));
  rig.sql((db) => {
    const remove = db.prepare('DELETE FROM members WHERE member_id = ?');
    const age = db.prepare(
      `UPDATE members SET body = replace(body, '王', '旧'), ver = 1 WHERE member_id = ?`,
    );
    const insert = db.prepare(
      `INSERT INTO members (member_id, body, ver) VALUES (?, '{"memberId":"x"}', 3)`,
    );
    db.transaction(() => {
      for (let n = 0; n < k; n++) {
        const key = memberKeyOf(1_003 + step * n);
        const share = n % 10;
        if (share < 6) remove.run(key);
        else if (share < 9) age.run(key);
        else insert.run(`${key}-y`);
        keys.set(share === 9 ? `${key}-y` : key, key);
      }
    })();
  });
  return keys;
}
