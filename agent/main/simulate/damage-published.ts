import type { HqSession } from '../../../sync/hq/database/database.ts';
import type { Chance } from './chance.ts';

/** What a fault of a disk or of memory makes of a row of the feed at headquarters. */
const DAMAGES = {
  lost: 'DELETE FROM published',
  changed: `UPDATE published SET body = replace(body, '{"', '{"x')`,
  old: 'UPDATE published SET ver = ver # 1',
  young: 'UPDATE published SET ver = ver # 4096',
  hash: "UPDATE published SET hash = translate(hash, '0123', '3210')",
  digest: 'UPDATE published SET d1 = d1 # 256',
} as const;
/** Point accounts in the half of all cases: they change most. */
const POINTS = 0.5;

/**
 * Damages one row of the feed behind headquarters' back; what it is made from stands.
 * @returns what it did, for the trace; undefined = there is no such row
 */
export async function damagePublished(db: HqSession, chance: Chance): Promise<string | undefined> {
  const rows = await db.query<{ scope: string; tbl: string; key: string }>(
    `SELECT scope, tbl, key FROM published
     WHERE body IS NOT NULL AND (tbl = 'points') = $1 ORDER BY scope, tbl, key`,
    [chance.happens(POINTS)],
  );
  const damage = chance.pick(Object.keys(DAMAGES) as (keyof typeof DAMAGES)[]);
  if (rows.length === 0) return undefined;
  const { scope, tbl, key } = chance.pick(rows);
  await db.query(`${DAMAGES[damage]} WHERE scope = $1 AND tbl = $2 AND key = $3`, [
    scope,
    tbl,
    key,
  ]);
  return `${tbl} ${key} of ${scope} is ${damage} in the feed`;
}
