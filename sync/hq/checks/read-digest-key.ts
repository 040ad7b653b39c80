import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { DIGEST_KEY } from '../feed/digest-sql.ts';

/** The key under which this database's rows are digested, 64 hex digits. */
export async function readDigestKey(session: HqSession): Promise<string> {
  const [row] = await session.query<{ value: string }>(
    'SELECT value FROM hq_meta WHERE name = $1',
    [DIGEST_KEY],
  );
  assert(row !== undefined, 'a migrated database has a digest key');
  return row.value;
}
