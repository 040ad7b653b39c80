import { assert } from '../../../agent/contract/result.ts';
import { NODE_BYTES } from '../../protocol/tree-shape.ts';
import type { HqSession } from '../database/database.ts';
import { heldRowsSql, rowsFitRootSql } from './level-sums.ts';

/** Bytes of one row in what the database answers: its bucket and the first 8 of its digest. */
const LINE_BYTES = 4 + NODE_BYTES;

const listSql = (table: string): string => `
  SELECT string_agg(int4send(bucket) || int4send(d0) || int4send(d1), ''::bytea) AS rows, ${rowsFitRootSql(table)} AS fits
  FROM (SELECT bucket, d0, d1 FROM ${heldRowsSql(table)} AND bucket = ANY($3::int[]) LIMIT $4) AS listed`;

/**
 * The first 8 bytes of the digests of a store's rows in some buckets, by bucket.
 * @param mostRows rows that are listed at most
 * @returns `fits` false where the table's rows are not those that its root says, in the same state; `listed` undefined
 *   where there are more rows
 */
export async function listBuckets(
  db: HqSession,
  storeId: string,
  table: string,
  buckets: readonly number[],
  mostRows: number,
): Promise<{
  readonly fits: boolean;
  readonly listed?: ReadonlyMap<number, readonly Buffer[]>;
}> {
  const [line] = await db.query<{ rows: Uint8Array | null; fits: boolean }>(listSql(table), [
    storeId,
    table,
    buckets,
    mostRows + 1,
  ]);
  assert(line, 'an aggregate has one line');
  const found = Buffer.from(line.rows ?? []);
  const { fits } = line;
  if (found.length / LINE_BYTES > mostRows) return { fits };
  const listed = new Map<number, Buffer[]>(buckets.map((bucket) => [bucket, []]));
  for (let at = 0; at < found.length; at += LINE_BYTES)
    listed.get(found.readInt32BE(at))?.push(found.subarray(at + 4, at + LINE_BYTES));
  return { fits, listed };
}
