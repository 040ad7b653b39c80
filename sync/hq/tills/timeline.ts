import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';

/** The timeline of this HQ: another one after every restore from a backup. */
export async function readTimeline(session: HqSession): Promise<string> {
  const [row] = await session.query<{ value: string }>(
    "SELECT value FROM hq_meta WHERE name = 'timeline'",
  );
  assert(row !== undefined, 'a migrated database has a timeline');
  return row.value;
}
