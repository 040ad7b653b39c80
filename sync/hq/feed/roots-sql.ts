import { EVERY_STORE } from '../../protocol/feed.ts';
import { type TableRoot, tableRootSchema } from '../../protocol/table-root.ts';
import { SUM_HEX_SQL, WORD_MASK, wordSumSql } from './digest-sql.ts';

/**
 * Tables of which a key may stand in the scope of every store and in that of one: staff who begin or end to work
 * everywhere, while the one change is numbered and the other waits. A till holds the newer version, were it a removal.
 */
const IN_BOTH_SCOPES = ['staff'];
const BOTH_LIST = IN_BOTH_SCOPES.map((table) => `'${table}'`).join(', ');

/** Rows of `published` as `p` that another scope's newer version of the key puts aside at a till of store `$1`. */
const PUT_ASIDE_SQL = `EXISTS (SELECT 1 FROM published o
  WHERE o.scope = CASE WHEN p.scope = '${EVERY_STORE}' THEN $1 ELSE '${EVERY_STORE}' END
    AND o.tbl = p.tbl AND o.key = p.key AND o.ver > p.ver)`;

/** Leaves out of `published` as `p` what is put aside, where the table may have such rows. */
export function notPutAsideSql(table: string): string {
  return IN_BOTH_SCOPES.includes(table) ? `AND NOT ${PUT_ASIDE_SQL}` : '';
}

const each = (one: (word: number) => string): string => [0, 1, 2, 3].map(one).join(', ');

/**
 * One line of text with the roots of some tables as a till of store `$1` holds them: `tbl rows sum`, by commas.
 * Two sums are read for a table, so it costs the same however many rows there are; what is put aside is taken out, for
 * which only the store's rows of tables in both scopes are looked at, and those only where such a table is asked for.
 * @param tables SQL of a list of table names
 */
export function rootsTextSql(tables: string): string {
  return `(
    SELECT string_agg(tbl || ' ' || rows || ' ' || ${SUM_HEX_SQL}, ',' ORDER BY tbl) FROM (
      SELECT t.tbl, (coalesce(sum(f.rows), 0) - coalesce(max(a.rows), 0))::bigint AS rows,
        ${each((i) => `(${wordSumSql(`f.s${i}`)} - coalesce(max(a.s${i}), 0)) & ${WORD_MASK} AS s${i}`)}
      FROM (${tables}) AS t (tbl)
      LEFT JOIN feed_roots f ON f.scope IN ('${EVERY_STORE}', $1) AND f.tbl = t.tbl
      LEFT JOIN (
        SELECT here.tbl, count(*) AS rows, ${each((i) => `${wordSumSql(`older.d${i}`)} AS s${i}`)}
        FROM published here
        CROSS JOIN LATERAL (
          SELECT p.ver, p.d0, p.d1, p.d2, p.d3 FROM published p
          WHERE p.scope = '${EVERY_STORE}' AND p.tbl = here.tbl AND p.key = here.key LIMIT 1
        ) AS everywhere
        CROSS JOIN LATERAL (
          SELECT here.d0, here.d1, here.d2, here.d3 WHERE here.ver < everywhere.ver
          UNION ALL
          SELECT everywhere.d0, everywhere.d1, everywhere.d2, everywhere.d3 WHERE here.ver > everywhere.ver
        ) AS older
        WHERE here.scope = $1 AND here.tbl IN (${BOTH_LIST}) AND older.d0 IS NOT NULL
          AND (SELECT bool_or(asked IN (${BOTH_LIST})) FROM (${tables}) AS named (asked))
        GROUP BY here.tbl
      ) AS a ON a.tbl = t.tbl
      GROUP BY t.tbl
    ) AS sums)`;
}

/** Reads what {@link rootsTextSql} gives; `null` = of no table. */
export function readRoots(text: string | null): TableRoot[] {
  if (text === null) return [];
  return text.split(',').map((one) => {
    const [table, rows, sum] = one.split(' ');
    return tableRootSchema.parse({ table, rows: Number(rows), sum });
  });
}
