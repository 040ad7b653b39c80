import type Database from 'better-sqlite3';
import { sqliteCode } from '../sqlite/storage-error.ts';

/** Rows read at a time; fewer where one of them cannot be read. */
const ROWS_AT_ONCE = 256;
/** Places inside a range that cannot be read at which readable rows are looked for, at most per table. */
export const PROBES_MAX = 4_096;
/** Such places in a row without a row: the pages that lead there are gone. */
const VAIN_PROBES_MAX = 64;
const PROBE_DEPTH_MAX = 24;

type Value = string | number | bigint | Buffer | null;
type Key = readonly Value[];

/** What came of a table. */
export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** `part`: rows are missing. */
  readonly state: 'whole' | 'part';
  /** Whether the last row was read, so that nothing is missing at the end. */
  readonly endRead: boolean;
}

/** Whether an error says that a page cannot be read. */
export function isUnreadable(error: unknown): boolean {
  const code = sqliteCode(error) ?? '';
  return ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR'].some((name) => code.startsWith(name));
}

/**
 * Copies a table from one database into another row by row: from both ends where a page of it cannot be read, and from places
 * in between where neither end gets through. Rows that are there already stay.
 * @param most rows that are copied
 */
export function copyTable(
  old: Database.Database,
  db: Database.Database,
  table: string,
  most: number = Number.POSITIVE_INFINITY,
): CopiedTable {
  const key = keyOf(db, table);
  const columns = db.pragma(`table_info(${table})`) as { readonly name: string }[];
  const names = columns.map(({ name }) => name).join(', ');
  const insert = db.prepare(
    `INSERT OR IGNORE INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const tuple = `(${key.join(', ')})`;
  const marks = `(${key.map(() => '?').join(', ')})`;
  const selected = `SELECT ${key.join(', ')}, ${names} FROM ${table}`;
  let rows = 0;
  let [probes, vain] = [0, 0];
  let isWhole = true;

  const statements = new Map<string, Database.Statement<Value[], Value[]>>();
  function read(where: string, order: 'ASC' | 'DESC', values: readonly Value[], limit: number) {
    const by = key.map((column) => `${column} ${order}`).join(', ');
    const sql = `${selected} ${where} ORDER BY ${by} LIMIT ?`;
    const statement = statements.get(sql) ?? old.prepare<Value[], Value[]>(sql).raw();
    statements.set(sql, statement);
    return statement.all(...values, limit);
  }

  /**
   * Takes rows in one direction until one cannot be read, or none is left.
   * @returns the last key taken, and whether the end was reached
   */
  function walk(
    order: 'ASC' | 'DESC',
    from: Key | undefined,
    inclusive: boolean,
    until: Key | undefined,
  ): { readonly last: Key | undefined; readonly done: boolean } {
    const [ahead, behind] = order === 'ASC' ? ['>', '<'] : ['<', '>'];
    let [last, limit] = [from, inclusive || until !== undefined ? 1 : ROWS_AT_ONCE];
    let taken: Key | undefined;
    for (;;) {
      if (rows >= most) {
        isWhole = false;
        return { last: taken, done: true };
      }
      limit = Math.min(limit, most - rows);
      const parts = [
        ...(last === undefined
          ? []
          : [`${tuple} ${ahead}${inclusive && taken === undefined ? '=' : ''} ${marks}`]),
        ...(until === undefined ? [] : [`${tuple} ${behind} ${marks}`]),
      ];
      const where = parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;
      let found: Value[][];
      try {
        found = read(where, order, [...(last ?? []), ...(until ?? [])], limit);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        isWhole = false;
        if (limit === 1) return { last: taken, done: false };
        limit = Math.max(1, limit >> 2);
        continue;
      }
      for (const row of found) rows += insert.run(...row.slice(key.length)).changes;
      const end = found.at(-1)?.slice(0, key.length);
      if (end !== undefined) [last, taken] = [end, end];
      if (found.length < limit) return { last: taken, done: true };
      limit = Math.min(ROWS_AT_ONCE, limit * 4);
    }
  }

  function probe(low: Key | undefined, high: Key | undefined, depth: number): void {
    if (low === undefined || high === undefined) return;
    const middle = between(low, high);
    if (middle === undefined || depth === 0 || probes >= PROBES_MAX) return;
    if (vain >= VAIN_PROBES_MAX) return;
    probes += 1;
    const before = rows;
    const up = walk('ASC', middle, true, high);
    const down = walk('DESC', middle, false, low);
    vain = rows > before ? 0 : vain + 1;
    if (!down.done) probe(low, down.last ?? middle, depth - 1);
    if (!up.done) probe(up.last ?? middle, high, depth - 1);
  }

  const up = walk('ASC', undefined, false, undefined);
  if (up.done) return { table, rows, state: isWhole ? 'whole' : 'part', endRead: rows < most };
  const down = walk('DESC', undefined, false, up.last);
  // Where an end gives no row, the search begins beyond every key there is.
  const [least, greatest] = endsOf(key, isTextKey(db, table, key[0]));
  if (!down.done) probe(up.last ?? least, down.last ?? greatest, PROBE_DEPTH_MAX);
  return { table, rows, state: 'part', endRead: down.last !== undefined || down.done };
}

/** The row number where the table has one, which is how its pages are ordered; else its primary key. */
function keyOf(db: Database.Database, table: string): string[] {
  const info = db.pragma(`table_list(${table})`) as { readonly wr: number }[];
  const isKeyed = info.some(({ wr }) => wr === 1);
  if (!isKeyed) return ['rowid'];
  const columns = db.pragma(`table_info(${table})`) as { name: string; pk: number }[];
  return columns
    .filter(({ pk }) => pk > 0)
    .sort((one, other) => one.pk - other.pk)
    .map(({ name }) => name);
}

function isTextKey(db: Database.Database, table: string, first: string | undefined): boolean {
  const columns = db.pragma(`table_info(${table})`) as { name: string; type: string }[];
  return columns.some(({ name, type }) => name === first && type === 'TEXT');
}

/** Keys before and after all others, of tables that are ordered by texts or by numbers. */
function endsOf(key: readonly string[], isText: boolean): [Key, Key] {
  return [key.map(() => (isText ? '' : 0)), key.map(() => (isText ? '\x7f' : 2 ** 31))];
}

/** A key about half way between two others, by the first column; nothing where there is none. */
export function between(low: Key, high: Key): Key | undefined {
  const [one, other] = [low[0], high[0]];
  const rest = low.slice(1).map((value) => (typeof value === 'number' ? 0 : ''));
  if (typeof one === 'number' && typeof other === 'number') {
    const middle = Math.floor((one + other) / 2);
    return middle > one ? [middle, ...rest] : undefined;
  }
  if (typeof one !== 'string' || typeof other !== 'string') return undefined;
  const middle = middleText(one, other);
  return middle > one && middle < other ? [middle, ...rest] : undefined;
}

/** Letters that are looked at, and how many of them there are: keys are digits, letters and a few signs. */
const TEXT_LETTERS = 6;
const LETTERS = 128;

function middleText(low: string, high: string): string {
  let same = 0;
  while (same < low.length && low[same] === high[same]) same += 1;
  const numberOf = (text: string): number =>
    Array.from({ length: TEXT_LETTERS }).reduce<number>(
      (sum, _, i) => sum * LETTERS + Math.min(LETTERS - 1, text.charCodeAt(same + i) || 0),
      0,
    );
  let middle = Math.floor((numberOf(low) + numberOf(high)) / 2);
  let tail = '';
  for (let i = 0; i < TEXT_LETTERS; i++) {
    tail = String.fromCharCode(middle % LETTERS) + tail;
    middle = Math.floor(middle / LETTERS);
  }
  return low.slice(0, same) + tail;
}
