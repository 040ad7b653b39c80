import type { z } from 'zod';
import type { Article } from '../../../agent/contract/article.ts';
import type { Store } from '../../../agent/contract/store.ts';
import type { Text } from '../../../agent/contract/text.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { staffRowSchema } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { assertFeedKeys } from './feed-key.ts';

/** A tag that members may have, with its name. */
export interface TagRow {
  readonly tag: string;
  readonly name: Text;
}
export type StaffRow = z.infer<typeof staffRowSchema>;

/** Writes stores; those that stand there as given are left alone, as by every writer here. */
export async function writeStores(tx: HqSession, stores: readonly Store[]): Promise<void> {
  if (stores.length === 0) return;
  assertFeedKeys(
    'storeId',
    stores.map(({ storeId }) => storeId),
  );
  await tx.query(
    `INSERT INTO stores AS s (store_id, store_tier, body)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT (store_id) DO UPDATE SET store_tier = EXCLUDED.store_tier, body = EXCLUDED.body
     WHERE s.body <> EXCLUDED.body`,
    [
      stores.map(({ storeId }) => storeId),
      stores.map(({ storeTier }) => storeTier),
      stores.map((store) => canonicalJson(store)),
    ],
  );
}

export async function writeArticles(tx: HqSession, articles: readonly Article[]): Promise<void> {
  if (articles.length === 0) return;
  assertFeedKeys(
    'sku',
    articles.map(({ sku }) => sku),
  );
  await tx.query(
    `INSERT INTO articles AS a (sku, gtin, body)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT (sku) DO UPDATE SET gtin = EXCLUDED.gtin, body = EXCLUDED.body
     WHERE a.body <> EXCLUDED.body`,
    [
      articles.map(({ sku }) => sku),
      articles.map(({ gtin }) => gtin ?? null),
      articles.map((article) => canonicalJson(article)),
    ],
  );
}

export async function writeTags(tx: HqSession, tags: readonly TagRow[]): Promise<void> {
  if (tags.length === 0) return;
  assertFeedKeys(
    'tag',
    tags.map(({ tag }) => tag),
  );
  await tx.query(
    `INSERT INTO tags AS t (tag, body) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (tag) DO UPDATE SET body = EXCLUDED.body WHERE t.body <> EXCLUDED.body`,
    [tags.map(({ tag }) => tag), tags.map((tag) => canonicalJson(tag))],
  );
}

/** Writes staff with the hashes of their PINs and the stores where they work. */
export async function writeStaff(tx: HqSession, staff: readonly StaffRow[]): Promise<void> {
  if (staff.length === 0) return;
  assertFeedKeys(
    'staffId',
    staff.map(({ staffId }) => staffId),
  );
  const rows = staff.map((person) => ({
    staff_id: person.staffId,
    store_ids: person.storeIds,
    body: canonicalJson(person),
  }));
  await tx.query(
    `INSERT INTO staff AS s (staff_id, store_ids, body)
     SELECT r.staff_id,
       CASE WHEN json_typeof(r.store_ids) = 'array'
         THEN ARRAY(SELECT json_array_elements_text(r.store_ids)) END,
       r.body
     FROM json_to_recordset($1::json) AS r (staff_id text, store_ids json, body text)
     ON CONFLICT (staff_id) DO UPDATE SET store_ids = EXCLUDED.store_ids, body = EXCLUDED.body
     WHERE s.body <> EXCLUDED.body`,
    [JSON.stringify(rows)],
  );
}
