import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../../database/database.ts';
import type { ImportKind } from '../import-fields.ts';
import type { Facts } from './claims.ts';
import type { Judged } from './judge-members.ts';
import type { SourceRecordOfKey } from './proof-rows.ts';

/** Where HQ keeps each kind, and the field that a file calls its key. */
export const HQ_TABLES = {
  members: { table: 'members', column: 'member_id', keyField: 'memberId', feed: 'member' },
  articles: { table: 'articles', column: 'sku', keyField: 'sku', feed: 'article' },
  staff: { table: 'staff', column: 'staff_id', keyField: 'staffId', feed: 'staff' },
  stores: { table: 'stores', column: 'store_id', keyField: 'storeId', feed: 'store' },
  tags: { table: 'tags', column: 'tag', keyField: 'tag', feed: 'tag' },
} as const satisfies Record<ImportKind, unknown>;

export type KeyedKindName = Exclude<ImportKind, 'members'>;

/** Bodies by key; `undefined` where one cannot be read. */
export async function readHqBodies(
  tx: HqSession,
  kind: KeyedKindName,
  keys: readonly string[],
): Promise<Map<string, Facts | undefined>> {
  const { table, column } = HQ_TABLES[kind];
  const rows = await tx.query<{ key: string; body: string }>(
    `SELECT ${column} AS key, body FROM ${table} WHERE ${column} = ANY($1::text[])`,
    [keys],
  );
  return new Map(
    rows.map(({ key, body }) => {
      try {
        return [key, JSON.parse(body) as Facts];
      } catch {
        // A row that is no JSON differs from everything, which is what the proof then says.
        return [key, undefined];
      }
    }),
  );
}

/** What HQ has of the fields that a source names. */
export function projectBody(facts: Facts, body: Facts | undefined): Facts {
  if (body === undefined) return { body: null };
  return Object.fromEntries(Object.keys(facts).map((field) => [field, body[field] ?? null]));
}

/** Rows that HQ has with other fields than the source names. When HQ changed them, the feed knows. */
export async function judgeBodies(
  tx: HqSession,
  kind: KeyedKindName,
  records: readonly SourceRecordOfKey[],
  hq: ReadonlyMap<string, Facts | undefined>,
): Promise<Judged[]> {
  const found = records.flatMap((record) => {
    if (!hq.has(record.key)) return [];
    const projected = projectBody(record.facts, hq.get(record.key));
    const differs = Object.entries(projected).flatMap(([field, value]) =>
      canonicalJson(record.facts[field] ?? null) === canonicalJson(value) && field !== 'body'
        ? []
        : [{ field, hq: value }],
    );
    return differs.length === 0 ? [] : [{ record, differs }];
  });
  if (found.length === 0) return [];
  const hours = await tx.query<{ key: string; at_ms: number }>(
    `SELECT key, max(at_ms) AS at_ms FROM (
       SELECT key, at_ms FROM published
       WHERE scope IN (SELECT '*' UNION SELECT store_id FROM stores) AND tbl = $1 AND key = ANY($2::text[])
       UNION ALL SELECT key, at_ms FROM outbox WHERE tbl = $1 AND key = ANY($2::text[])
     ) AS changes GROUP BY key`,
    [HQ_TABLES[kind].feed, found.map(({ record }) => record.key)],
  );
  const changed = new Map(hours.map(({ key, at_ms }) => [key, Number(at_ms)]));
  return found.map(({ record, differs }) => ({
    record,
    differs,
    changedMs: changed.get(record.key) ?? 0,
    isBooked: false,
  }));
}
