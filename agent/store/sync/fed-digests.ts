import { addDigest, sumBytes } from '../../../sync/protocol/digest.ts';
import { DIGEST_WORDS } from '../../../sync/protocol/tree-shape.ts';
import type { Connection } from '../sqlite/connection.ts';
import { compareKeys } from './compare-keys.ts';
import type { DigestState } from './digest-state.ts';
import { createRowDigester, type RowDigester } from './row-digester.ts';

/** Beside a digest: the row is gone here although the feed has yet to say so. */
export const GONE = Buffer.alloc(0);

/** What is kept of a row: what the feed last said of it, and what the table holds where that came ahead of the feed. */
export interface DigestEntry {
  readonly key: string;
  /** `null` = the feed says that there is no such row. */
  readonly digest: Buffer | null;
  /** {@link GONE} = it is gone here; `null` = what the feed said. */
  readonly held: Buffer | null;
  /** Since when `held` stands, epoch milliseconds; `null` with it. */
  readonly heldMs: number | null;
}

/** Rows and the sum of their digests. */
export interface DigestSum {
  rows: number;
  readonly sums: Uint32Array;
}

/** Digests and sums within one transaction. Nothing counts until {@link flush}. */
export interface DigestWriter {
  readonly digestOf: RowDigester;
  get(table: string, key: string): DigestEntry | undefined;
  /** Entries of keys after `after` up to `to` (absent = to the end), in order. */
  between(table: string, after: string, to: string | undefined): DigestEntry[];
  /** Makes the entry of a row what is given; both `null`, or gone on both sides = there is none. */
  set(
    table: string,
    key: string,
    old: DigestEntry | undefined,
    digest: Buffer | null,
    held: Buffer | null,
  ): void;
  /** Writes the sums that follow. */
  flush(): void;
}

export interface FedDigests {
  /** `undefined` = none are kept as yet. */
  write(): DigestWriter | undefined;
  /** Every digest and sum goes, and they are made anew as far as a key is known. */
  forget(): void;
}

type EntryRow = Omit<DigestEntry, 'key'>;

interface CountRow {
  readonly kind: string;
  readonly tbl: string;
  readonly after: string;
}

/** What is left to add to a sum. */
type Deltas = Map<string, DigestSum>;

/** The digests of fed rows, kept in the transaction that changes them. */
export function createFedDigests(
  connection: Connection,
  state: DigestState,
  nowMs: () => number,
): FedDigests {
  const get = connection.statement<EntryRow>(
    'SELECT digest, held, held_ms AS heldMs FROM fed_digests WHERE tbl = ? AND key = ?',
  );
  const columns = 'SELECT key, digest, held, held_ms AS heldMs FROM fed_digests WHERE';
  const between = connection.statement<DigestEntry>(
    `${columns} tbl = ? AND key > ? AND key <= ? ORDER BY key`,
  );
  const rest = connection.statement<DigestEntry>(`${columns} tbl = ? AND key > ? ORDER BY key`);
  const insert = connection.statement('INSERT INTO fed_digests VALUES (?, ?, ?, ?, ?)');
  const update = connection.statement(
    'UPDATE fed_digests SET digest = ?, held = ?, held_ms = ? WHERE tbl = ? AND key = ?',
  );
  const remove = connection.statement('DELETE FROM fed_digests WHERE tbl = ? AND key = ?');
  const counts = connection.statement<CountRow>('SELECT kind, tbl, after FROM fed_counts');
  const roots = createSums(connection, 'fed_roots', 'tbl');
  const counted = createSums(connection, 'fed_counts', 'kind');
  const forget = ['fed_digests', 'fed_roots', 'fed_counts'].map((table) =>
    connection.statement(`DELETE FROM ${table}`),
  );
  let digester: { readonly key: string; readonly digestOf: RowDigester } | undefined;

  function writer(digestOf: RowDigester): DigestWriter {
    const running = counts.all();
    const [ofTables, ofCounts]: [Deltas, Deltas] = [new Map(), new Map()];

    function add(table: string, key: string, digest: Buffer, times: 1 | -1): void {
      addTo(ofTables, table, digest, times);
      for (const { kind, tbl, after } of running)
        if (tbl === table && compareKeys(key, after) <= 0) addTo(ofCounts, kind, digest, times);
    }

    return {
      digestOf,
      get(table, key) {
        const found = get.get(table, key);
        return found && { key, ...found };
      },
      between: (table, after, to) =>
        to === undefined ? rest.all(table, after) : between.all(table, after, to),
      set(table, key, old, digest, held) {
        const next = held !== null && same(held, digest) ? null : held;
        if (old !== undefined && same(old.digest, digest) && same(old.held, next)) return;
        const isNone = digest === null && (next === null || next.length === 0);
        const stood = old !== undefined && same(old.held, next);
        const heldMs = stood ? old.heldMs : next && nowMs();
        if (isNone) {
          if (old !== undefined) remove.run(table, key);
        } else if (old === undefined) insert.run(table, key, digest, next, heldMs);
        else update.run(digest, next, heldMs, table, key);
        if (old !== undefined && old.digest !== null && !same(old.digest, digest))
          add(table, key, old.digest, -1);
        if (digest !== null && !same(old?.digest ?? null, digest)) add(table, key, digest, 1);
      },
      flush() {
        for (const [table, delta] of ofTables) roots.add(table, delta);
        for (const [kind, delta] of ofCounts) counted.add(kind, delta);
        ofTables.clear();
        ofCounts.clear();
      },
    };
  }

  return {
    write() {
      const stage = state.stage();
      const key = state.key();
      if (key === null || stage === 'off' || stage === 'clear') return undefined;
      if (digester?.key !== key) digester = { key, digestOf: createRowDigester(key) };
      return writer(digester.digestOf);
    },
    forget() {
      for (const statement of forget) statement.run();
      state.set(state.key() === null ? 'off' : 'make');
    },
  };
}

/** What the table holds of a row, by its entry; `null` = no row. */
export function heldDigest(entry: DigestEntry | undefined): Buffer | null {
  const held = entry?.held ?? entry?.digest ?? null;
  return held === null || held.length === 0 ? null : held;
}

export function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

export function emptySum(): DigestSum {
  return { rows: 0, sums: new Uint32Array(DIGEST_WORDS) };
}

function addTo(deltas: Deltas, name: string, digest: Buffer, times: 1 | -1): void {
  const delta = deltas.get(name) ?? emptySum();
  deltas.set(name, delta);
  delta.rows += times;
  addDigest(delta.sums, 0, digest, times);
}

/** Sums that lie in a table with the columns `rows` and `sum`. */
export interface Sums {
  get(name: string): DigestSum | undefined;
  add(name: string, delta: DigestSum): void;
}

interface SumRow {
  readonly rows: number;
  readonly sum: Buffer;
}

export function createSums(connection: Connection, table: string, name: string): Sums {
  const read = connection.statement<SumRow>(`SELECT rows, sum FROM ${table} WHERE ${name} = ?`);
  const update = connection.statement(`UPDATE ${table} SET rows = ?, sum = ? WHERE ${name} = ?`);
  const insert =
    name === 'tbl' ? connection.statement(`INSERT INTO ${table} VALUES (?, ?, ?)`) : undefined;
  function get(of: string): DigestSum | undefined {
    const row = read.get(of);
    if (row === undefined) return undefined;
    const sum = { ...emptySum(), rows: row.rows };
    addDigest(sum.sums, 0, row.sum, 1);
    return sum;
  }
  return {
    get,
    add(of, delta) {
      const sum = get(of) ?? emptySum();
      for (let word = 0; word < DIGEST_WORDS; word++)
        sum.sums[word] = (sum.sums[word] ?? 0) + (delta.sums[word] ?? 0);
      const [rows, bytes] = [sum.rows + delta.rows, sumBytes(sum.sums, 0)];
      if (update.run(rows, bytes, of) === 0) insert?.run(of, rows, bytes);
    },
  };
}
