import { expect } from 'vitest';
import type { HqSession } from '../../../../sync/hq/database/database.ts';
import { SUM_HEX_SQL } from '../../../../sync/hq/feed/digest-sql.ts';
import { addDigest, bucketOf, rowDigest, sumBytes } from '../../../../sync/protocol/digest.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { DIGEST_WORDS } from '../../../../sync/protocol/tree-shape.ts';

interface Published {
  readonly scope: string;
  readonly tbl: string;
  readonly key: string;
  readonly ver: number;
  readonly body: string | null;
  readonly hash: string;
  readonly bucket: number;
  readonly d0: number | null;
  readonly d1: number | null;
  readonly d2: number | null;
  readonly d3: number | null;
}

export async function digestKeyOf(db: HqSession): Promise<Buffer> {
  const [row] = await db.query<{ value: string }>(
    "SELECT value FROM hq_meta WHERE name = 'digest-key'",
  );
  return Buffer.from(row?.value ?? '', 'hex');
}

/** Rows and sum of some live rows, as JavaScript counts. */
export function rootOf(
  digestKey: Buffer,
  rows: readonly Pick<Published, 'tbl' | 'key' | 'ver' | 'body'>[],
) {
  const sums = new Uint32Array(DIGEST_WORDS);
  for (const { tbl, key, ver, body } of rows)
    addDigest(sums, 0, rowDigest(digestKey, rowHash([tbl, key, ver, body])), 1);
  return { rows: rows.length, sum: sumBytes(sums, 0).toString('hex') };
}

/** Holds every bucket, digest and root of `published` against JavaScript. */
export async function expectDigestsRight(db: HqSession): Promise<void> {
  const digestKey = await digestKeyOf(db);
  const published = await db.query<Published>('SELECT * FROM published');
  const live = new Map<string, Published[]>();
  for (const row of published) {
    const { scope, tbl, key, ver, body, hash, bucket, d0, d1, d2, d3 } = row;
    const words = [d0, d1, d2, d3];
    expect(hash).toBe(rowHash([tbl, key, ver, body]));
    expect(bucket).toBe(bucketOf(key));
    if (body === null) expect(words).toEqual([null, null, null, null]);
    else {
      const bytes = Buffer.alloc(16);
      for (const [i, word] of words.entries()) bytes.writeInt32BE(word ?? 0, 4 * i);
      expect(bytes.toString('hex')).toBe(rowDigest(digestKey, hash).toString('hex'));
      const name = `${scope}/${tbl}`;
      live.set(name, [...(live.get(name) ?? []), row]);
    }
  }
  const roots = await db.query<{ name: string; rows: number; sum: string }>(
    `SELECT scope || '/' || tbl AS name, rows, ${SUM_HEX_SQL} AS sum FROM feed_roots`,
  );
  for (const name of live.keys()) expect(roots.map((root) => root.name)).toContain(name);
  for (const { name, rows, sum } of roots)
    expect({ name, rows, sum }).toEqual({ name, ...rootOf(digestKey, live.get(name) ?? []) });
}
