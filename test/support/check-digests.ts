import type Database from 'better-sqlite3';
import { addDigest, rowDigest, sumBytes } from '../../sync/protocol/digest.ts';
import { rowHash } from '../../sync/protocol/feed-hash.ts';
import { DIGEST_WORDS } from '../../sync/protocol/tree-shape.ts';

interface Row {
  readonly tbl: string;
  readonly key: string;
  readonly ver: number;
  readonly body: string;
}

interface Entry {
  readonly tbl: string;
  readonly key: string;
  readonly digest: Buffer | null;
  readonly held: Buffer | null;
  readonly held_ms: number | null;
}

const ROWS = `
  SELECT 'member' AS tbl, member_id AS key, ver, body FROM members WHERE ver > 0
  UNION ALL SELECT 'points', member_id, ver, body FROM points_accounts WHERE ver > 0
  UNION ALL SELECT 'staff', staff_id, ver, body FROM staff WHERE ver > 0
  UNION ALL SELECT 'article', sku, ver, body FROM articles WHERE ver > 0
  UNION ALL SELECT tbl, key, ver, body FROM feed_rows`;

/**
 * What is wrong with the digests of a till's database, in words; empty = nothing. Each fed row has exactly one entry and
 * what that says of the table is so, no entry is without a row, and each root is the sum of its table's digests. Where
 * digests are not made as yet, rows may lack theirs.
 */
export function checkDigests(db: Database.Database): string[] {
  const state = db.prepare('SELECT digest_key, stage FROM digest_state').get() as {
    digest_key: string | null;
    stage: string;
  };
  if (state.digest_key === null || state.stage === 'off' || state.stage === 'clear') return [];
  const key = Buffer.from(state.digest_key, 'hex');
  const faults: string[] = [];
  const entries = db.prepare('SELECT * FROM fed_digests').all() as Entry[];
  // A row that lies aside comes last and is the last word on its key.
  const here = new Map(
    (db.prepare(ROWS).all() as Row[]).map((row) => [`${row.tbl}/${row.key}`, row]),
  );
  for (const entry of entries) {
    const at = `${entry.tbl}/${entry.key}`;
    const row = here.get(at);
    here.delete(at);
    const right =
      row && rowDigest(key, rowHash([row.tbl, row.key, row.ver, row.body])).toString('hex');
    const said = (entry.held ?? entry.digest)?.toString('hex') || undefined;
    if (said !== right) faults.push(`${at}: the entry says ${said}, the row is ${right}`);
    if (entry.digest === null && !entry.held?.length) faults.push(`${at}: an entry of nothing`);
    if ((entry.held === null) !== (entry.held_ms === null))
      faults.push(`${at}: a time without what came ahead, or the other way round`);
    if (entry.digest !== null && entry.held?.equals(entry.digest))
      faults.push(`${at}: held is what the feed said`);
  }
  if (state.stage === 'made') for (const at of here.keys()) faults.push(`${at}: no entry`);
  return [...faults, ...checkRoots(db, entries)];
}

function checkRoots(db: Database.Database, entries: readonly Entry[]): string[] {
  const sums = new Map<string, { rows: number; sums: Uint32Array }>();
  for (const { tbl, digest } of entries) {
    if (digest === null) continue;
    const sum = sums.get(tbl) ?? { rows: 0, sums: new Uint32Array(DIGEST_WORDS) };
    sum.rows += 1;
    addDigest(sum.sums, 0, digest, 1);
    sums.set(tbl, sum);
  }
  const roots = db.prepare('SELECT tbl, rows, sum FROM fed_roots').all() as {
    tbl: string;
    rows: number;
    sum: Buffer;
  }[];
  const told = new Map(roots.map(({ tbl, rows, sum }) => [tbl, `${rows} ${sum.toString('hex')}`]));
  return [...new Set([...sums.keys(), ...told.keys()])].flatMap((tbl) => {
    const { rows = 0, sums: sum = new Uint32Array(DIGEST_WORDS) } = sums.get(tbl) ?? {};
    const right = `${rows} ${sumBytes(sum, 0).toString('hex')}`;
    const root = told.get(tbl) ?? `0 ${'0'.repeat(32)}`;
    return root === right ? [] : [`root of ${tbl}: ${root}, its digests sum to ${right}`];
  });
}
