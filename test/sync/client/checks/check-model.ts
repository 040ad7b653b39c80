import { assert } from '../../../../agent/contract/result.ts';
import type {
  ChecksStore,
  DigestedRow,
  RepairedRow,
  StayingRow,
} from '../../../../sync/client/check-ports.ts';
import { prefixOf } from '../../../../sync/client/checks/table-tree.ts';
import type { RowPlace } from '../../../../sync/client/ports.ts';
import {
  type CheckRecord,
  type CheckReply,
  type CheckRequest,
  type DriftKind,
  RECORDS_KEPT,
  STAYING_MAX,
} from '../../../../sync/protocol/check.ts';
import {
  addDigest,
  bucketOf,
  nodeOf,
  rowDigest,
  sumBytes,
} from '../../../../sync/protocol/digest.ts';
import type { Cursor } from '../../../../sync/protocol/feed.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { DIGEST_WORDS, FAN_OUT, NODE_BYTES } from '../../../../sync/protocol/tree-shape.ts';

export const TEST_KEY = 'a5'.repeat(32);

interface Row {
  ver: number;
  body: string;
}

/** Headquarters' side of the full-volume check, by the contract and in memory. */
export interface CheckHq {
  readonly tables: Map<string, Map<string, Row & { pos: number }>>;
  readonly gone: Map<string, { ver: number; pos: number }>;
  /** Wakes before each answer, as headquarters goes on meanwhile. */
  before: (question: CheckRequest) => void;
  put(table: string, key: string, ver: number, body: string, pos?: number): void;
  remove(table: string, key: string, ver: number, pos?: number): void;
  answer<T extends CheckRequest['t']>(question: Extract<CheckRequest, { t: T }>): CheckReply<T>;
  /** Rows that one answer brings, at most. */
  rowsMax: number;
}

export function digestOf(table: string, key: string, { ver, body }: Row): Buffer {
  return rowDigest(Buffer.from(TEST_KEY, 'hex'), rowHash([table, key, ver, body]));
}

export function createCheckHq(): CheckHq {
  function sums(table: string, level: number): Uint32Array {
    const words = new Uint32Array(DIGEST_WORDS * FAN_OUT ** level);
    for (const [key, row] of hq.tables.get(table) ?? [])
      addDigest(words, DIGEST_WORDS * nodeOf(bucketOf(key), level), digestOf(table, key, row), 1);
    return words;
  }
  const node = (words: Uint32Array, at: number): Buffer =>
    sumBytes(words, DIGEST_WORDS * at).subarray(0, NODE_BYTES);
  const nodes = (bytes: Uint8Array): number[] =>
    Array.from({ length: bytes.length / 2 }, (_, i) => Buffer.from(bytes).readUInt16BE(2 * i));
  const packed = (list: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(2 * list.length);
    list.forEach((one, i) => void bytes.writeUInt16BE(one, 2 * i));
    return bytes;
  };

  function answer(question: CheckRequest): unknown {
    hq.before(question);
    switch (question.t) {
      case 'roots': {
        const told = new Map(question.roots.map(([table, rows, sum]) => [table, { rows, sum }]));
        const names = new Set([...told.keys(), ...hq.tables.keys()]);
        const differ = [...names].flatMap((table) => {
          const root = sums(table, 0);
          const rows = hq.tables.get(table)?.size ?? 0;
          const theirs = told.get(table) ?? { rows: 0, sum: Buffer.alloc(16) };
          if (rows === theirs.rows && sumBytes(root, 0).equals(theirs.sum)) return [];
          const first = sums(table, 1);
          const level1 = Array.from({ length: FAN_OUT }, (_, at) => node(first, at));
          return [[table, rows, Buffer.concat(level1)]];
        });
        return { differ };
      }
      case 'nodes': {
        const own = sums(question.table, question.level);
        const theirs = Buffer.from(question.sums);
        const differ = nodes(question.parents).flatMap((parent, i) =>
          Array.from({ length: FAN_OUT }, (_, child) => FAN_OUT * parent + child).filter(
            (one, child) => {
              const at = NODE_BYTES * (FAN_OUT * i + child);
              return !node(own, one).equals(theirs.subarray(at, at + NODE_BYTES));
            },
          ),
        );
        const empty = Buffer.alloc(0);
        if (question.level === 2) {
          const below = sums(question.table, 3);
          const children = differ.flatMap((one) =>
            Array.from({ length: FAN_OUT }, (_, child) => node(below, FAN_OUT * one + child)),
          );
          return {
            differ: packed(differ),
            sums: Buffer.concat(children),
            counts: empty,
            digests: empty,
          };
        }
        const inBucket = new Map<number, Buffer[]>(differ.map((bucket) => [bucket, []]));
        for (const [key, row] of hq.tables.get(question.table) ?? [])
          inBucket.get(bucketOf(key))?.push(digestOf(question.table, key, row).subarray(0, 8));
        const counts = Buffer.alloc(4 * differ.length);
        differ.forEach(
          (bucket, i) => void counts.writeUInt32BE(inBucket.get(bucket)?.length ?? 0, 4 * i),
        );
        const digests = Buffer.concat(differ.flatMap((bucket) => inBucket.get(bucket) ?? []));
        return { differ: packed(differ), sums: empty, counts, digests };
      }
      case 'rows':
        return answerRows(question);
    }
  }

  function answerRows(question: Extract<CheckRequest, { t: 'rows' }>): CheckReply<'rows'> {
    const { table, cursor, wanted, own } = question;
    const prefixes = new Set<bigint>();
    for (let at = 0; at < wanted.length; at += NODE_BYTES)
      prefixes.add(prefixOf(wanted.subarray(at, at + NODE_BYTES)));
    const rows: [string, number, string | null][] = [];
    let later = 0;
    const keys = new Set(own);
    for (const [key, row] of hq.tables.get(table) ?? []) {
      if (!keys.delete(key) && !prefixes.has(prefixOf(digestOf(table, key, row)))) continue;
      if (row.pos > cursor.pos) later += 1;
      else rows.push([key, row.ver, row.body]);
    }
    for (const key of keys) {
      const gone = hq.gone.get(`${table}/${key}`);
      if ((gone?.pos ?? 0) > cursor.pos) later += 1;
      else rows.push([key, gone?.ver ?? 0, null]);
    }
    return { rows: rows.slice(0, hq.rowsMax), later, more: rows.length > hq.rowsMax };
  }

  const hq: CheckHq = {
    tables: new Map(),
    gone: new Map(),
    before: () => {},
    rowsMax: Number.POSITIVE_INFINITY,
    put(table, key, ver, body, pos = 0) {
      const rows = hq.tables.get(table) ?? new Map();
      hq.tables.set(table, rows.set(key, { ver, body, pos }));
    },
    remove(table, key, ver, pos = 0) {
      hq.tables.get(table)?.delete(key);
      hq.gone.set(`${table}/${key}`, { ver, pos });
    },
    answer: answer as CheckHq['answer'],
  };
  return hq;
}

/** The till's digests and what they stand for, in memory. */
export interface MemoryChecks extends ChecksStore {
  /** Rows as the tables hold them; a test breaks them. */
  readonly tables: Map<string, Map<string, Row>>;
  /** What the feed last said; the scrub compares. */
  readonly digested: Map<string, Map<string, Buffer>>;
  readonly repairs: { readonly table: string; readonly keys: readonly string[] }[];
  /** Each call of `scrub`, with its limit. */
  readonly scrubs: number[];
  place: Cursor | undefined;
  nowMs: () => number;
  /** A root that is wrong by itself. */
  wrongRoot: string | undefined;
  /** Rows whose digests are still to be made. */
  unmade: number;
  fail: (() => Error) | undefined;
  /** Repairs are done and come undone. */
  forgetful: boolean;
  /** Digests are kept under {@link TEST_KEY} from here on. */
  begin(): void;
  put(table: string, key: string, ver: number, body: string): void;
  remove(table: string, key: string): void;
}

export function createMemoryChecks(nowMs: () => number = () => 0): MemoryChecks {
  const records: CheckRecord[] = [];
  let untold: CheckRecord[] = [];
  let stays: StayingRow[] = [];
  const repairedAt = new Map<string, number>();
  let scrubPlace: ReturnType<ChecksStore['scrubPlace']> = null;
  let key: string | undefined;
  const touch = (): void => {
    if (store.fail !== undefined) throw store.fail();
  };
  const sorted = (table: string): [string, Buffer][] =>
    [...(store.digested.get(table) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const cell = <V>(map: Map<string, Map<string, V>>, table: string): Map<string, V> => {
    const rows = map.get(table) ?? new Map<string, V>();
    map.set(table, rows);
    return rows;
  };

  const store: MemoryChecks = {
    tables: new Map(),
    digested: new Map(),
    repairs: [],
    scrubs: [],
    place: { timeline: 'timeline-1', pos: 10, chain: '0'.repeat(64) },
    nowMs,
    wrongRoot: undefined,
    unmade: 0,
    fail: undefined,
    forgetful: false,
    begin() {
      key = TEST_KEY;
    },
    put(table, rowKey, ver, body) {
      cell(store.tables, table).set(rowKey, { ver, body });
      cell(store.digested, table).set(rowKey, digestOf(table, rowKey, { ver, body }));
    },
    remove(table, rowKey) {
      store.tables.get(table)?.delete(rowKey);
      store.digested.get(table)?.delete(rowKey);
    },
    setKey(next) {
      touch();
      key = next;
    },
    key: () => key ?? null,
    ready: () => key !== undefined && store.unmade === 0,
    make(limit) {
      touch();
      const rows = Math.min(limit, store.unmade);
      store.unmade -= rows;
      return { done: store.unmade === 0, rows };
    },
    roots() {
      touch();
      if (store.place === undefined || !store.ready()) return undefined;
      const roots = [...store.digested].map(([table, rows]) => {
        const sum = new Uint32Array(DIGEST_WORDS);
        for (const digest of rows.values()) addDigest(sum, 0, digest, 1);
        if (store.wrongRoot === table) sum[0] = (sum[0] as number) + 1;
        return { table, rows: rows.size, sum: sumBytes(sum, 0).toString('hex') };
      });
      return { cursor: store.place, roots: roots.filter(({ rows }) => rows > 0) };
    },
    digests(table, after, limit): DigestedRow[] {
      touch();
      return sorted(table)
        .filter(([rowKey]) => rowKey > after)
        .slice(0, limit)
        .map(([rowKey, digest]) => ({ key: rowKey, digest }));
    },
    recount(table) {
      touch();
      const wasRight = store.wrongRoot !== table;
      store.wrongRoot = undefined;
      return { done: true, wasRight };
    },
    scrub(from: RowPlace | null, limit) {
      touch();
      store.scrubs.push(limit);
      const places = [...new Set([...store.tables.keys(), ...store.digested.keys()])]
        .toSorted()
        .flatMap((table) =>
          [...new Set([...cell(store.tables, table).keys(), ...cell(store.digested, table).keys()])]
            .toSorted()
            .map((rowKey) => ({ table, key: rowKey })),
        )
        .filter(({ table, key: rowKey }) =>
          from === null ? true : table > from.table || (table === from.table && rowKey > from.key),
        );
      const slice = places.slice(0, limit);
      let suspects = 0;
      for (const { table, key: rowKey } of slice) {
        const row = store.tables.get(table)?.get(rowKey);
        const kept = store.digested.get(table)?.get(rowKey);
        const is = row === undefined ? undefined : digestOf(table, rowKey, row);
        if (is !== undefined && kept?.equals(is) === true) continue;
        suspects += 1;
        if (is === undefined) cell(store.digested, table).delete(rowKey);
        else cell(store.digested, table).set(rowKey, is);
      }
      const next = places.length > limit ? (slice.at(-1) ?? null) : null;
      return { rows: slice.length, suspects, mended: 0, next };
    },
    repair(table, rows, seen) {
      touch();
      assert(rows.length <= 100, 'one audit row names the rows of a repair');
      store.repairs.push({ table, keys: rows.map((row) => row.key) });
      const repaired: RepairedRow[] = [];
      let left = 0;
      for (const row of rows) {
        const held = store.digested.get(table)?.get(row.key)?.toString('hex');
        if (held !== seen.get(row.key)) {
          left += 1;
          continue;
        }
        const before = store.tables.get(table)?.get(row.key);
        const kind: DriftKind =
          row.body === null
            ? 'extra'
            : before === undefined
              ? 'missing'
              : before.ver < row.ver
                ? 'stale'
                : 'damaged';
        repaired.push({ key: row.key, kind, verBefore: before?.ver ?? 0, ver: row.ver });
        repairedAt.set(`${table}/${row.key}`, store.nowMs());
        if (store.forgetful) continue;
        if (row.body === null) store.remove(table, row.key);
        else store.put(table, row.key, row.ver, row.body);
      }
      return { repaired, left };
    },
    keepStaying(row) {
      touch();
      const here = store.tables.get(row.table)?.get(row.key) ?? null;
      const others = stays.filter((one) => one.table !== row.table || one.key !== row.key);
      stays = [...others, { ...row, here }].slice(-STAYING_MAX);
    },
    staying: () => stays,
    stayingCount: () => stays.length,
    repairedSince: (table, sinceMs) =>
      new Set(
        [...repairedAt]
          .filter(([name, atMs]) => name.startsWith(`${table}/`) && atMs >= sinceMs)
          .map(([name]) => name.slice(table.length + 1)),
      ),
    record(record) {
      touch();
      records.unshift(record);
      untold.push(record);
      records.splice(RECORDS_KEPT);
    },
    records: (limit) => records.slice(0, limit),
    untold: (limit) => untold.slice(0, limit),
    told(count) {
      untold = untold.slice(count);
    },
    scrubPlace: () => scrubPlace,
    keepScrubPlace(place) {
      touch();
      scrubPlace = place;
    },
  };
  return store;
}
