import type { HqSession } from '../database/database.ts';

/** Where a table's rows come from. $1 scope, $2 key. */
interface Source {
  /** Holds writers off until the transaction ends, in the order in which they lock: the body read after it is the newest. */
  readonly locks: readonly string[];
  /** The body as the scope should have it; no line = the row is gone, or another scope's. */
  readonly body: string;
}

const everywhere = (table: string, key: string): Source => ({
  locks: [`SELECT 1 FROM ${table} WHERE $1 = '*' AND ${key} = $2 FOR UPDATE`],
  body: `SELECT body FROM ${table} WHERE $1 = '*' AND ${key} = $2`,
});
const lock = (table: string, key: string): string =>
  `SELECT 1 FROM ${table} WHERE $1::text IS NOT NULL AND ${key} = $2 FOR UPDATE`;
/** A store that begins or ceases to carry a member locks the member first. */
const carried = (table: string): Source => ({
  locks: [lock('members', 'member_id'), lock('point_accounts', 'member_id')],
  body: `
    SELECT body FROM ${table} JOIN member_scopes USING (member_id) WHERE store_id = $1 AND member_id = $2`,
});

/** Each table that tills get, as migration 0002 publishes it. */
const SOURCES: Readonly<Record<string, Source>> = {
  setting: everywhere('settings', 'key'),
  tag: everywhere('tags', 'tag'),
  article: everywhere('articles', 'sku'),
  document: {
    // A further version is a further row, which no lock on rows holds off.
    locks: ['LOCK TABLE documents IN SHARE ROW EXCLUSIVE MODE'],
    body: "SELECT body FROM documents WHERE $1 = '*' AND kind = $2 ORDER BY version DESC LIMIT 1",
  },
  store: {
    locks: [lock('stores', 'store_id')],
    body: 'SELECT body FROM stores WHERE store_id = $1 AND store_id = $2',
  },
  staff: {
    locks: [lock('staff', 'staff_id')],
    body: "SELECT body FROM staff WHERE $1 = ANY (coalesce(store_ids, '{*}')) AND staff_id = $2",
  },
  member: carried('members'),
  points: carried('point_accounts'),
};

/** A row of `published` whose body or version is damaged. */
export interface DamagedRow {
  readonly scope: string;
  readonly tbl: string;
  readonly key: string;
  readonly body: string | null;
}

/**
 * Publishes a damaged row as an ordinary change of its source: under a fresh version, so that every till gets it.
 * @param tx a transaction
 * @param isBodyProved the body is what was published: where the source is gone, the row should be gone too
 * @returns false where the source says what the damaged row says, or is gone and the body is not proved
 */
export async function publishAnew(
  tx: HqSession,
  { scope, tbl, key, body }: DamagedRow,
  isBodyProved = false,
): Promise<boolean> {
  const source = SOURCES[tbl];
  if (source === undefined) return false;
  for (const locking of source.locks)
    await tx.query(locking, locking.includes('$1') ? [scope, key] : []);
  const [right] = await tx.query<{ body: string }>(source.body, [scope, key]);
  if (right === undefined && !isBodyProved) return false;
  const rightBody = right?.body ?? null;
  if (rightBody === body) return false;
  await tx.query('SELECT publish_row($1, $2, $3, $4, false)', [scope, tbl, key, rightBody]);
  return true;
}
