import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import {
  bucketSql,
  digestBytesSql,
  keyBytesSql,
  ROW_HASH_SQL,
  wordSql,
  wordSumSql,
} from '../feed/digest-sql.ts';
import { SEQUENCER_LOCK } from '../feed/sequence-batch.ts';
import { raiseAlarm, raiseAlarmOnce } from '../tills/alarms.ts';
import { mendVersion, rightVersion, type VersionedRow } from './mend-version.ts';
import { publishAnew } from './publish-anew.ts';
import { lackingRows, publishLost } from './publish-lost.ts';
import { lockSources, type ScopeTable } from './sources.ts';

/** Damage that nobody has put right is told again after so long, in milliseconds; tills ask for its rows all the time. */
const TOLD_AGAIN_MS = 24 * 60 * 60_000;
/** Rows whose digests one step makes anew, at most. */
export const STEP_ROWS = 1_000;

/** How far a pass over `published` is. */
export interface PassPlace {
  readonly scope: string;
  readonly tbl: string;
  /** Rows up to this key are done; `null` = the whole table of this scope, root included. */
  readonly key: string | null;
  /** Lost rows of this table were looked for up to this key of their source; `null` = not begun. */
  readonly sourceKey: string | null;
}

/** Where a step begins: in a table. */
type TablePlace = PassPlace & { readonly key: string };

/** Where a pass begins. */
export const PASS_START: PassPlace = { scope: '', tbl: '', key: null, sourceKey: null };

/** What a step did. */
export interface PassStep {
  /** `null` = the pass is over. */
  readonly place: PassPlace | null;
  readonly rows: number;
  /** Rows whose hash, bucket, digest or version was another one than the row's own. */
  readonly mendedRows: number;
  /** Roots that were not the sum of their rows. */
  readonly mendedRoots: number;
  /** Rows that are lost, or whose body is not the one that was published by their hash and digest, which stay ... */
  readonly damagedRows: number;
  /** ... and those of them that were published anew from their source. */
  readonly publishedRows: number;
  /** A root stays wrong until rows that were lost have come back: the table is to be looked at again. */
  readonly waits: boolean;
}

const NONE_DAMAGED = { damagedRows: 0, publishedRows: 0, versions: 0 };
const NOTHING_DONE = {
  rows: 0,
  mendedRows: 0,
  mendedRoots: 0,
  damagedRows: 0,
  publishedRows: 0,
  waits: false,
};
const ROOT_STAYS = {
  mendedRoots: 0,
  lost: 0,
  published: 0,
  sourceKey: null as string | null,
  waits: false,
};

const each = (one: (word: number) => string, by = ', '): string => [0, 1, 2, 3].map(one).join(by);

/** Whether the digest is that of the stored hash, of columns `hash` and `gone_hash`; a removal has none. */
const DIGEST_FITS_HASH_SQL = `CASE
  WHEN d0 IS NULL THEN hash = gone_hash
  WHEN hash ~ '^[0-9a-f]{32}$' THEN substring(${digestBytesSql('hash')} FROM 1 FOR 16) = ${each((i) => `int4send(d${i})`, ' || ')}
  ELSE false END`;

/** What the rows after a key should have beside their bodies. $1 scope, $2 table, $3 key, $4 rows. */
const RIGHT_SQL = `
  SELECT *, ${bucketSql('key_bytes')} AS right_bucket, ${each((i) => `${wordSql('digest', i)} AS right${i}`)},
    CASE WHEN hash = right_hash THEN false ELSE ${DIGEST_FITS_HASH_SQL} END AS damaged FROM (
    SELECT *, CASE WHEN body IS NULL THEN NULL ELSE ${digestBytesSql('right_hash')} END AS digest FROM (
      SELECT *, ${ROW_HASH_SQL} AS right_hash, ${keyBytesSql('key')} AS key_bytes,
        ${ROW_HASH_SQL.replace("coalesce(body, '')", "''")} AS gone_hash
      FROM published WHERE scope = $1 AND tbl = $2 AND key > $3 ORDER BY key LIMIT $4
    ) AS hashed OFFSET 0
  ) AS digested`;
const WRONG_SQL = `(hash, bucket, d0, d1, d2, d3) IS DISTINCT FROM (right_hash, right_bucket, right0, right1, right2, right3)`;

const LOOK_SQL = `
  SELECT count(*) AS rows, count(*) FILTER (WHERE ${WRONG_SQL}) AS wrong, max(key) AS last
  FROM (${RIGHT_SQL}) AS judged`;

/** A removal has no digest that would say whether its hash or its version is damaged. */
export const DAMAGED_SQL = `
  SELECT scope, tbl, key, ver::text AS ver, body, hash, damaged FROM (${RIGHT_SQL}) AS judged
  WHERE damaged OR d0 IS NULL AND body IS NULL AND hash <> right_hash ORDER BY key`;

/** A damaged body keeps hash and digest of what was published: made anew from it, they would tell tills that it is right. */
const MEND_ROWS_SQL = `
  UPDATE published p SET hash = right_hash, bucket = right_bucket, ${each((i) => `d${i} = right${i}`)}
  FROM (SELECT * FROM (${RIGHT_SQL}) AS judged WHERE NOT damaged AND ${WRONG_SQL}) AS wrong
  WHERE p.scope = wrong.scope AND p.tbl = wrong.tbl AND p.key = wrong.key
  RETURNING p.key`;

/** The sum of a table's rows in one scope. */
const SUM_SQL = `
  SELECT count(d0) AS rows, ${each((i) => `${wordSumSql(`d${i}`)} AS s${i}`)}
  FROM published WHERE scope = $1 AND tbl = $2 AND d0 IS NOT NULL`;

const ROOT_IS_RIGHT_SQL = `
  SELECT (coalesce(r.rows, 0), ${each((i) => `coalesce(r.s${i}, 0)`)}) = (n.rows, n.s0, n.s1, n.s2, n.s3) AS "isRight"
  FROM (${SUM_SQL}) AS n LEFT JOIN feed_roots r ON r.scope = $1 AND r.tbl = $2`;

const MEND_ROOT_SQL = `
  INSERT INTO feed_roots (scope, tbl, rows, s0, s1, s2, s3) SELECT $1, $2, n.* FROM (${SUM_SQL}) AS n
  ON CONFLICT (scope, tbl) DO UPDATE SET rows = excluded.rows, ${each((i) => `s${i} = excluded.s${i}`)}`;

/** The next table of a scope that has rows or a root, in order. */
export const NEXT_SQL = `
  SELECT scope, tbl FROM (
    (SELECT scope, tbl FROM published WHERE (scope, tbl) > ($1, $2) ORDER BY scope, tbl LIMIT 1)
    UNION ALL
    (SELECT scope, tbl FROM feed_roots WHERE (scope, tbl) > ($1, $2) ORDER BY scope, tbl LIMIT 1)
  ) AS both_kinds ORDER BY scope, tbl LIMIT 1`;

/**
 * One step of headquarters' own deep check: makes hashes and digests of the next rows anew from their bodies, and after
 * the last row of a table compares its root with the sum of its rows. What is wrong is put right with the sequencer held
 * off, and told as the alarm `hq-digest-mended`; so is a version with one flipped bit. Where hash and digest fit each other
 * and not the body, the body is what is damaged: the row is published anew from its source, and the alarm `hq-row-damaged`
 * tells it. So are rows that the source has and `published` lacks, looked for `stepRows` a step; until the last of them is
 * numbered the root stays what it was, which keeps tills from taking the loss for the truth. Alarms name table and counts
 * and no content.
 * @param tx a transaction
 * @param isSuspect lost rows are looked for though the root is the sum of the rows that are there: it may be lost too
 */
export async function digestStep(
  tx: HqSession,
  place: PassPlace,
  nowMs: number,
  stepRows: number = STEP_ROWS,
  isSuspect = false,
): Promise<PassStep> {
  const at: TablePlace | undefined =
    place.key === null ? await nextTable(tx, place) : { ...place, key: place.key };
  if (at === undefined) return { ...NOTHING_DONE, place: null };
  const range = [at.scope, at.tbl, at.key, stepRows];
  const [look] = await tx.query<{
    rows: number;
    wrong: number;
    last: string | null;
  }>(LOOK_SQL, range);
  assert(look, 'an aggregate has one line');
  // Before the sequencer is held off: a writer of the source may be waited for.
  const damaged = look.wrong === 0 ? NONE_DAMAGED : await putDamagedRight(tx, range);
  const mendedRows = damaged.versions + (look.wrong === 0 ? 0 : await mendRows(tx, range));
  // The root's turn is a step without the sequencer's lock: it may wait for a writer too.
  const isOver = look.rows < stepRows && look.wrong === 0;
  const root = isOver
    ? await putRootRight(tx, at, stepRows, isSuspect)
    : { ...ROOT_STAYS, sourceKey: at.sourceKey };
  const { mendedRoots, sourceKey, waits } = root;
  if (mendedRows + mendedRoots > 0)
    await raiseAlarm(tx, {
      atMs: nowMs,
      code: 'hq-digest-mended',
      tillId: null,
      detail: `${at.scope} ${at.tbl}: ${mendedRows} rows, ${mendedRoots} roots`,
    });
  const damagedRows = damaged.damagedRows + root.lost;
  const publishedRows = damaged.publishedRows + root.published;
  if (damagedRows > 0)
    await raiseAlarmOnce(
      tx,
      {
        atMs: nowMs,
        code: 'hq-row-damaged',
        tillId: null,
        detail: `${at.scope} ${at.tbl}: ${damagedRows} rows, ${publishedRows} published anew`,
      },
      TOLD_AGAIN_MS,
    );
  return {
    place: {
      scope: at.scope,
      tbl: at.tbl,
      key: isOver && sourceKey === null ? null : (look.last ?? at.key),
      sourceKey,
    },
    rows: look.rows,
    mendedRows,
    mendedRoots,
    damagedRows,
    publishedRows,
    waits,
  };
}

async function putDamagedRight(
  tx: HqSession,
  range: readonly (string | number)[],
): Promise<typeof NONE_DAMAGED> {
  const rows = await tx.query<VersionedRow & { readonly damaged: boolean }>(DAMAGED_SQL, range);
  const [first] = rows;
  if (first === undefined) return NONE_DAMAGED;
  await lockSources(
    tx,
    first,
    rows.map(({ key }) => key),
  );
  let [damagedRows, publishedRows] = [0, 0];
  const versions: { readonly row: VersionedRow; readonly right: number }[] = [];
  for (const row of rows) {
    const right = rightVersion(row);
    if (right !== undefined) {
      await publishAnew(tx, row, true);
      versions.push({ row, right });
    } else if (row.damaged) {
      damagedRows += 1;
      if (await publishAnew(tx, row)) publishedRows += 1;
    }
  }
  // After all sources, whose writers are waited for, and before the rows, which a batch may want while it holds this lock.
  if (versions.length > 0) await holdSequencer(tx);
  for (const { row, right } of versions) await mendVersion(tx, row, right);
  return { damagedRows, publishedRows, versions: versions.length };
}

async function nextTable(
  tx: HqSession,
  { scope, tbl }: PassPlace,
): Promise<TablePlace | undefined> {
  const [next] = await tx.query<{ scope: string; tbl: string }>(NEXT_SQL, [scope, tbl]);
  return next === undefined ? undefined : { ...next, key: '', sourceKey: null };
}

async function mendRows(tx: HqSession, range: readonly (string | number)[]): Promise<number> {
  await holdSequencer(tx);
  return (await tx.query(MEND_ROWS_SQL, range)).length;
}

async function putRootRight(
  tx: HqSession,
  table: TablePlace,
  mostRows: number,
  isSuspect: boolean,
): Promise<typeof ROOT_STAYS> {
  if (table.sourceKey === null) {
    const isRight = await rootIsRight(tx, table);
    if (isRight && !isSuspect) return ROOT_STAYS;
    // Before the sequencer is held off, since it reads the whole source: what changes after it is not lost, and its batch
    // moves the root.
    const { lacks, lost } = await lackingRows(tx, table);
    if (isRight && !lost) return ROOT_STAYS;
    if (!lacks) return mendRoot(tx, table);
    if (!lost) return { ...ROOT_STAYS, waits: true };
  }
  const { found, published, last } = await publishLost(tx, table, mostRows);
  return { mendedRoots: 0, lost: found, published, sourceKey: last, waits: last === null };
}

async function rootIsRight(tx: HqSession, { scope, tbl }: ScopeTable): Promise<boolean> {
  const [root] = await tx.query<{ isRight: boolean }>(ROOT_IS_RIGHT_SQL, [scope, tbl]);
  return root?.isRight === true;
}

async function mendRoot(tx: HqSession, { scope, tbl }: ScopeTable): Promise<typeof ROOT_STAYS> {
  await holdSequencer(tx);
  await tx.query(MEND_ROOT_SQL, [scope, tbl]);
  return { ...ROOT_STAYS, mendedRoots: 1 };
}

/** Until the transaction ends: a batch reads a digest and moves a root by it. */
export async function holdSequencer(tx: HqSession): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${SEQUENCER_LOCK})`);
}
