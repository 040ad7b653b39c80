import type { HqDatabase, HqSession } from '../../../../sync/hq/database/database.ts';
import { EVERY_STORE, FEED_TABLES, type FeedRow } from '../../../../sync/protocol/feed.ts';
import type { TableRoot } from '../../../../sync/protocol/table-root.ts';
import { rootOf } from '../checks/digest-model.ts';

/** Puts a tag: a row that every store gets, not urgent. */
export async function putTag(db: HqSession, tag: string, body: unknown = { tag }): Promise<void> {
  await db.query(
    'INSERT INTO tags VALUES ($1, $2) ON CONFLICT (tag) DO UPDATE SET body = excluded.body',
    [tag, JSON.stringify(body)],
  );
}

/** Puts a setting: a row that every store gets, urgent. */
export async function putSetting(db: HqSession, key: string, body: unknown = {}): Promise<void> {
  await db.query(
    'INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
    [key, JSON.stringify(body)],
  );
}

/** Puts a member with an account of points and the stores that carry them. */
export async function putMember(
  db: HqSession,
  memberId: string,
  stores: readonly string[] = [],
  body: unknown = { memberId },
): Promise<void> {
  await db.query(
    'INSERT INTO members (member_id, body) VALUES ($1, $2) ON CONFLICT (member_id) DO UPDATE SET body = excluded.body',
    [memberId, JSON.stringify(body)],
  );
  for (const store of stores) await addScope(db, memberId, store);
}

/** A store begins to carry a member. */
export async function addScope(db: HqSession, memberId: string, store: string): Promise<void> {
  await db.query(
    "INSERT INTO member_scopes VALUES ($1, $2, 'visit', 0) ON CONFLICT (member_id, store_id) DO NOTHING",
    [memberId, store],
  );
}

/** Puts a member of staff; `stores` null = works everywhere. */
export async function putStaff(
  db: HqSession,
  staffId: string,
  stores: readonly string[] | null,
  body: unknown = { staffId },
): Promise<void> {
  await db.query(
    'INSERT INTO staff VALUES ($1, $2, $3) ON CONFLICT (staff_id) DO UPDATE SET store_ids = excluded.store_ids, body = excluded.body',
    [staffId, stores, JSON.stringify(body)],
  );
}

/** Writes as an import does: not urgent. */
export async function inBulk(
  db: HqDatabase,
  work: (tx: HqSession) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query("SET LOCAL tillside.bulk = 'on'");
    await work(tx);
  });
}

/** What a till of `storeId` should hold, straight from HQ's tables: `table/key` -> body. */
export async function expectedState(db: HqSession, storeId: string): Promise<Map<string, string>> {
  const rows = await db.query<{ name: string; body: string }>(
    `SELECT 'tag/' || tag AS name, body FROM tags
     UNION ALL SELECT 'setting/' || key, body FROM settings
     UNION ALL SELECT 'article/' || sku, body FROM articles
     UNION ALL SELECT 'store/' || store_id, body FROM stores WHERE store_id = $1
     UNION ALL SELECT 'staff/' || staff_id, body FROM staff WHERE store_ids IS NULL OR $1 = ANY (store_ids)
     UNION ALL SELECT 'member/' || m.member_id, m.body FROM members m
       JOIN member_scopes s ON s.member_id = m.member_id AND s.store_id = $1
     UNION ALL SELECT 'points/' || a.member_id, a.body FROM point_accounts a
       JOIN member_scopes s ON s.member_id = a.member_id AND s.store_id = $1
     UNION ALL SELECT 'face/' || t.template_id, t.body FROM face_templates t
       JOIN member_scopes s ON s.member_id = t.owner_id AND s.store_id = $1 AND s.reason <> 'lookup'
       WHERE (t.scope = 'chain' OR t.store_id = $1) AND NOT EXISTS (
         SELECT 1 FROM face_fed f WHERE f.template_id = t.template_id AND f.store_id = $1 AND f.left_at_ms IS NOT NULL)`,
    [storeId],
  );
  return new Map(rows.map(({ name, body }) => [name, body]));
}

/** What a till holds: rows by `table/key`, tombstones with their versions. */
export interface HeldRows {
  /** Takes rows as a till does: one counts where its version is above the one held. */
  take(rows: readonly FeedRow[]): void;
  /** The rows that are there: `table/key` -> body. */
  state(): Map<string, string>;
  versionOf(name: string): number;
  /** The roots of what is there, of every table of the feed. */
  roots(digestKey: Buffer): TableRoot[];
}

export function createHeldRows(): HeldRows {
  const held = new Map<string, { ver: number; body: string | null }>();
  const versionOf = (name: string) => held.get(name)?.ver ?? 0;
  return {
    versionOf,
    take(rows) {
      for (const [table, key, ver, body] of rows) {
        const name = `${table}/${key}`;
        if (ver > versionOf(name)) held.set(name, { ver, body });
      }
    },
    roots: (digestKey) =>
      [...FEED_TABLES].sort().map((table) => {
        const rows = [...held].flatMap(([name, { ver, body }]) =>
          body !== null && name.startsWith(`${table}/`)
            ? [{ tbl: table, key: name.slice(table.length + 1), ver, body }]
            : [],
        );
        return { table, ...rootOf(digestKey, rows) };
      }),
    state: () =>
      new Map(
        [...held].flatMap(([name, { body }]) => (body === null ? [] : [[name, body] as const])),
      ),
  };
}

export { EVERY_STORE };
