import type { HqSession } from '../database/database.ts';

/** A table of a scope. */
export interface ScopeTable {
  readonly scope: string;
  readonly tbl: string;
}

/** Where a table's rows come from. $1 is the scope. */
export interface Source {
  /**
   * Holds writers of the rows $2 off until the transaction ends, in the order in which they lock: bodies read after it are
   * the newest.
   */
  readonly locks: readonly string[];
  /** The rows as the scope should have them: `key`, `body`. */
  readonly rows: string;
  /** Keys of the rows, and maybe further ones, which an index gives in order: `key`. Left out where `rows` does. */
  readonly keys?: string;
}

const everywhere = (table: string, key: string): Source => ({
  locks: [
    `SELECT 1 FROM ${table} WHERE $1 = '*' AND ${key} = ANY ($2::text[]) ORDER BY ${key} FOR UPDATE`,
  ],
  rows: `SELECT ${key} AS key, body FROM ${table} WHERE $1 = '*'`,
});
const lock = (table: string, key: string): string =>
  `SELECT 1 FROM ${table} WHERE $1::text IS NOT NULL AND ${key} = ANY ($2::text[]) ORDER BY ${key} FOR UPDATE`;
/** A store that begins or ceases to carry a member locks the member first. */
const carried = (table: string): Source => ({
  locks: [lock('members', 'member_id'), lock('point_accounts', 'member_id')],
  rows: `SELECT member_id AS key, body FROM member_scopes JOIN ${table} USING (member_id) WHERE store_id = $1`,
  keys: 'SELECT member_id AS key FROM member_scopes WHERE store_id = $1',
});

/** Each table that tills get, as migrations 0002, 0016 and 0018 publish it. */
export const SOURCES: Readonly<Record<string, Source>> = {
  setting: everywhere('settings', 'key'),
  'denied-key': everywhere('denied_keys', 'key_id'),
  'pass-issuer': everywhere('pass_issuers', 'issuer_id'),
  tag: everywhere('tags', 'tag'),
  article: everywhere('articles', 'sku'),
  document: {
    // A further version is a further row, which no lock on rows holds off.
    locks: ['LOCK TABLE documents IN SHARE ROW EXCLUSIVE MODE'],
    rows: `
      SELECT DISTINCT ON (kind) kind COLLATE "C" AS key, body FROM documents WHERE $1 = '*' ORDER BY kind, version DESC`,
  },
  store: {
    locks: [lock('stores', 'store_id')],
    rows: 'SELECT store_id AS key, body FROM stores WHERE store_id = $1',
  },
  staff: {
    locks: [lock('staff', 'staff_id')],
    rows: "SELECT staff_id AS key, body FROM staff WHERE $1 = ANY (coalesce(store_ids, '{*}'))",
  },
  face: {
    // Which stores have a template changes under the lock on it.
    locks: [lock('face_templates', 'template_id')],
    rows: `
      SELECT template_id AS key, body FROM face_fed JOIN face_templates USING (template_id)
      WHERE face_fed.store_id = $1 AND left_at_ms IS NULL`,
    keys: 'SELECT template_id AS key FROM face_fed WHERE store_id = $1 AND left_at_ms IS NULL',
  },
  member: carried('members'),
  points: carried('point_accounts'),
};

/** Holds off the writers of rows, of all of them in the order in which writers lock. @param tx a transaction, until it ends */
export async function lockSources(
  tx: HqSession,
  { scope, tbl }: ScopeTable,
  keys: readonly string[],
): Promise<void> {
  for (const locking of SOURCES[tbl]?.locks ?? [])
    await tx.query(locking, locking.includes('$1') ? [scope, keys] : []);
}
