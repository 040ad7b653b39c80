/** Values that go to the database: text, numbers, bytes, lists of them for `= ANY($1)` and `unnest`. */
export type HqValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | number | boolean | null)[];

/** Where statements run: the pool, or one transaction. Parameters are `$1`, `$2` ...; `bigint` comes back as a number. */
export interface HqSession {
  query<Row = Record<string, unknown>>(sql: string, values?: readonly HqValue[]): Promise<Row[]>;
}

/**
 * HQ's database. The same SQL runs on a PostgreSQL server through `pg` and on PGlite in this process; times are
 * epoch milliseconds in `bigint` columns and come from the caller.
 */
export interface HqDatabase extends HqSession {
  readonly engine: 'postgresql' | 'pglite';
  /** One transaction (READ COMMITTED unless said); rolled back whole where `work` throws. Not to be nested. */
  transaction<T>(work: (tx: HqSession) => Promise<T>, isolation?: 'repeatable read'): Promise<T>;
  /** Hears notifications of `channel`, also after the connection was lost and made again (then with an empty payload). */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  /** Runs a file of several statements without parameters. */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}
