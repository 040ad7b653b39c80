import { bucketOf } from '../../../protocol/digest.ts';
import type { HqSession } from '../../database/database.ts';
import { type Claim, type Facts, type FindKind, foldFacts, settledFacts } from './claims.ts';
import { PROOF_PAGE_ROWS, PROOF_PARTNERS_MAX } from './limits.ts';

/** What a source says of one key, all its rows together. */
export interface SourceRecordOfKey {
  readonly key: string;
  readonly rowNos: readonly number[];
  readonly facts: Facts;
}

/** A row that says again what another row said. */
export interface Double {
  readonly rowNo: number;
  readonly key: string;
  readonly field: string;
  readonly firstRowNo: number;
  readonly firstKey: string;
}

/**
 * Lays the rows of a source out in the database itself, in tables that end with the transaction, whatever ends it: the
 * program keeps a page of them.
 */
export async function beginRows(tx: HqSession): Promise<void> {
  await tx.query(
    'CREATE TEMP TABLE proof_rows (row_no bigint NOT NULL, key text COLLATE "C" NOT NULL, bucket integer NOT NULL, facts text NOT NULL) ON COMMIT DROP',
  );
  await tx.query(
    'CREATE TEMP TABLE proof_finds (what text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, row_no bigint NOT NULL) ON COMMIT DROP',
  );
  // Keys of rows that could not be read whole: they are in the source all the same.
  await tx.query('CREATE TEMP TABLE proof_unread (key text COLLATE "C" NOT NULL) ON COMMIT DROP');
}

export async function addRows(tx: HqSession, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.query(
    'INSERT INTO proof_rows SELECT * FROM unnest($1::bigint[], $2::text[], $3::int[], $4::text[])',
    [
      claims.map(({ rowNo }) => rowNo),
      claims.map(({ key }) => key),
      claims.map(({ key }) => bucketOf(key)),
      claims.map(({ facts }) => JSON.stringify(facts)),
    ],
  );
  const finds = claims.flatMap(({ key, rowNo, finds: own }) =>
    own.map(({ what, value }) => ({ what, value, key, rowNo })),
  );
  if (finds.length === 0) return;
  await tx.query(
    'INSERT INTO proof_finds SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])',
    [
      finds.map(({ what }) => what),
      finds.map(({ value }) => value),
      finds.map(({ key }) => key),
      finds.map(({ rowNo }) => rowNo),
    ],
  );
}

export async function addUnread(tx: HqSession, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await tx.query('INSERT INTO proof_unread SELECT unnest($1::text[])', [keys]);
}

/** After the last row: what finds them. @returns how many keys there are */
export async function endRows(tx: HqSession): Promise<number> {
  for (const sql of [
    'CREATE INDEX ON proof_rows (key, row_no)',
    'CREATE INDEX ON proof_rows (bucket)',
    'CREATE INDEX ON proof_finds (what, value)',
    'ANALYZE proof_rows',
    'ANALYZE proof_finds',
  ])
    await tx.query(sql);
  const [row] = await tx.query<{ keys: number }>(
    'SELECT count(DISTINCT key)::int AS keys FROM proof_rows',
  );
  return Number(row?.keys ?? 0);
}

/** All keys in their order, or those of some buckets, page by page. */
export async function* readRecords(
  tx: HqSession,
  buckets?: readonly number[],
): AsyncGenerator<readonly SourceRecordOfKey[]> {
  let after = { key: '', rowNo: -1 };
  let open: { key: string; rowNos: number[]; facts: Facts | undefined } | undefined;
  for (;;) {
    const rows = await tx.query<{ row_no: number; key: string; facts: string }>(
      // The rows of a few buckets are gathered first: looked for in the order of the keys, each page would read them all.
      `${buckets === undefined ? '' : 'WITH proof_rows AS MATERIALIZED (SELECT * FROM proof_rows WHERE bucket = ANY($4::int[]))'}
       SELECT row_no, key, facts FROM proof_rows
       WHERE (key, row_no) > ($1, $2) ORDER BY key, row_no LIMIT $3`,
      [after.key, after.rowNo, PROOF_PAGE_ROWS, ...(buckets === undefined ? [] : [buckets])],
    );
    const page: SourceRecordOfKey[] = [];
    const close = (): void => {
      if (open?.facts !== undefined)
        page.push({ key: open.key, rowNos: open.rowNos, facts: settledFacts(open.facts) });
      open = undefined;
    };
    for (const { row_no, key, facts } of rows) {
      if (open?.key !== key) {
        close();
        open = { key, rowNos: [], facts: undefined };
      }
      open.rowNos.push(Number(row_no));
      open.facts = foldFacts(open.facts, JSON.parse(facts) as Facts);
    }
    const last = rows.at(-1);
    if (last === undefined) close();
    if (page.length > 0) yield page;
    if (last === undefined) return;
    after = { key: last.key, rowNo: Number(last.row_no) };
  }
}

/** What the source says of these keys, by key. */
export async function recordsOf(
  tx: HqSession,
  keys: readonly string[],
): Promise<Map<string, Facts>> {
  const rows = await tx.query<{ key: string; facts: string }>(
    'SELECT key, facts FROM proof_rows WHERE key = ANY($1::text[]) ORDER BY key, row_no',
    [keys],
  );
  const records = new Map<string, Facts>();
  for (const { key, facts } of rows)
    records.set(key, foldFacts(records.get(key), JSON.parse(facts) as Facts));
  return records;
}

/** Keys whose rows bring one of these numbers. */
export async function keysThatFind(
  tx: HqSession,
  what: FindKind,
  values: readonly string[],
): Promise<{ value: string; key: string }[]> {
  if (values.length === 0) return [];
  return tx.query(
    `SELECT DISTINCT value, key FROM proof_finds WHERE what = $1 AND value = ANY($2::text[]) LIMIT ${PROOF_PARTNERS_MAX}`,
    [what, values],
  );
}

/** Every row whose key, phone, card or GSRN a row before it had, page by page. */
export async function* readDoubles(
  tx: HqSession,
  keyField: string,
): AsyncGenerator<readonly Double[]> {
  await tx.query(
    `CREATE TEMP TABLE proof_doubles ON COMMIT DROP AS
     SELECT row_number() OVER (ORDER BY row_no, field) AS n, d.* FROM (
       SELECT row_no, key, $1::text AS field, first_row, key AS first_key
       FROM (SELECT row_no, key, min(row_no) OVER (PARTITION BY key) AS first_row FROM proof_rows) AS k
       WHERE row_no <> first_row
       UNION ALL
       SELECT row_no, key, what, first_row, first_key
       FROM (SELECT row_no, key, what, min(row_no) OVER w AS first_row, first_value(key) OVER w AS first_key
             FROM proof_finds WHERE what <> 'mergedInto'
             WINDOW w AS (PARTITION BY what, value ORDER BY row_no)) AS f
       WHERE key <> first_key
     ) AS d`,
    [keyField],
  );
  await tx.query('CREATE INDEX ON proof_doubles (n)');
  for (let after = 0; ; ) {
    const rows = await tx.query<
      Record<'n' | 'row_no' | 'first_row', number> & Record<'key' | 'field' | 'first_key', string>
    >('SELECT * FROM proof_doubles WHERE n > $1 ORDER BY n LIMIT $2', [after, PROOF_PAGE_ROWS]);
    if (rows.length === 0) return;
    after = Number(rows.at(-1)?.n);
    yield rows.map((row) => ({
      rowNo: Number(row.row_no),
      key: row.key,
      field: row.field,
      firstRowNo: Number(row.first_row),
      firstKey: row.first_key,
    }));
  }
}

/** Keys that an import of this source brought, that HQ has and that the source has no more, page by page. */
export async function* readExtras(
  tx: HqSession,
  sourceId: number,
  { table, column }: { readonly table: string; readonly column: string },
): AsyncGenerator<readonly string[]> {
  for (let after = ''; ; ) {
    const rows = await tx.query<{ key: string }>(
      `SELECT i.key FROM imported_rows AS i JOIN ${table} AS h ON h.${column} = i.key
       WHERE i.source_id = $1 AND i.key > $2
         AND NOT EXISTS (SELECT 1 FROM proof_rows AS p WHERE p.key = i.key)
         AND NOT EXISTS (SELECT 1 FROM proof_unread AS u WHERE u.key = i.key)
       ORDER BY i.key LIMIT $3`,
      [sourceId, after, PROOF_PAGE_ROWS],
    );
    if (rows.length === 0) return;
    after = rows.at(-1)?.key as string;
    yield rows.map(({ key }) => key);
  }
}
