import type { HqDatabase } from '../../../sync/hq/database/database.ts';
import type { FeedHistory, ToldRow } from './history.ts';
import { ledgerOf } from './ledger-of.ts';
import type { BookedEntry, Movement, TillMachine } from './till-machine.ts';

/**
 * What must hold; see research on sync, section 7. `points` = accounts are what is booked; `broken` = code threw where nothing may; `simulator` = the simulation
 * itself came to no end; `crash` = its process ended.
 */
export type Invariant =
  | 'I1'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'points'
  | 'liveness'
  | 'broken'
  | 'simulator'
  | 'crash';

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** Every entry that a till committed, by till and incarnation, in order. */
export type Ledgers = ReadonlyMap<string, readonly BookedEntry[]>;

export interface LedgerRow {
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly hash: string;
  readonly sale_id: string;
  readonly kind: string;
  /** Of the entry before it, as its header says. */
  readonly prev: string;
}

/** What tills committed. */
export interface Committed {
  readonly ledgers: Ledgers;
  /** What each entry moved, also under numbers that were used twice, by {@link entryName}. */
  readonly movements: ReadonlyMap<string, readonly Movement[]>;
  /** Names of ledgers that were used twice: a disk was put back or copied. */
  readonly forked: ReadonlySet<string>;
}

/** An entry's name, whichever incarnation of the till's database it goes by. */
export function entryName(tillId: string, seq: number, hash: string): string {
  return `${tillId}/${seq}/${hash}`;
}

/** Headquarters' ledger of all tills. */
export function readLedger(db: HqDatabase): Promise<LedgerRow[]> {
  return db.query<LedgerRow>(
    `SELECT till_id, incarnation, seq, hash, sale_id, kind, header::json ->> 'prevHash' AS prev
     FROM ledger ORDER BY till_id, incarnation, seq`,
  );
}

/**
 * I1: headquarters' ledger is a beginning of each till's own, nothing doubled, in order; what a till takes for received is
 * there. @param whole everything has gone up: it is all of it
 */
export function checkLedgers(
  rows: readonly LedgerRow[],
  { ledgers, movements, forked }: Committed,
  tills: readonly TillMachine[],
  whole: boolean,
): Violation[] {
  const found: Violation[] = [];
  const wrong = (detail: string): void => void found.push({ invariant: 'I1', detail });
  const there = new Set(rows.map((row) => entryName(row.till_id, row.seq, row.hash)));
  const heads = new Map<string, LedgerRow>();
  const sales = new Set<string>();
  for (const row of rows) {
    const { till_id, incarnation, seq, hash, prev, sale_id, kind } = row;
    const name = `${till_id}/${incarnation}`;
    const before = heads.get(name);
    heads.set(name, row);
    // A fresh incarnation goes on where the former one ended.
    const follows =
      before === undefined
        ? seq === 1 || there.has(entryName(till_id, seq - 1, prev))
        : seq === before.seq + 1 && prev === before.hash;
    if (!follows) wrong(`${name}: entry ${seq} does not follow entry ${before?.seq ?? 0}`);
    if (!movements.has(entryName(till_id, seq, hash)))
      wrong(`${name}: entry ${seq} was never committed at the till with this content`);
    if (kind !== 'sale') continue;
    if (sales.has(sale_id)) wrong(`sale ${sale_id} is there twice`);
    sales.add(sale_id);
  }
  for (const till of tills) {
    if (!till.isUp) continue;
    const store = till.store();
    const name = ledgerOf(till);
    if (forked.has(name)) continue;
    const own = ledgers.get(name) ?? [];
    const head = store.ledger.head();
    if (head.seq !== own.length || (head.seq > 0 && head.hash !== own.at(-1)?.hash))
      wrong(`${name}: holds ${head.seq} of ${own.length} committed entries`);
    const lacking = own.filter(({ seq, hash }) => !there.has(entryName(till.tillId, seq, hash)));
    if (whole && lacking.length > 0)
      wrong(`${name}: headquarters lacks ${lacking.length} of ${own.length} entries`);
  }
  return found;
}

/** Records of checks that are looked at, the newest. */
const RECORDS_LOOKED_AT = 20;

interface TillRow {
  readonly tbl: string;
  readonly key: string;
  readonly ver: number;
  readonly body: string | null;
}

/** All that a till holds of the feed, removals included. */
const TILL_ROWS_SQL = `
  SELECT 'member' AS tbl, member_id AS key, ver, body FROM members
  UNION ALL SELECT 'points', member_id, ver, body FROM points_accounts
  UNION ALL SELECT 'staff', staff_id, ver, body FROM staff
  UNION ALL SELECT 'article', sku, ver, body FROM articles
  UNION ALL SELECT tbl, key, ver, body FROM feed_rows
  UNION ALL SELECT tbl, key, ver, NULL FROM tombstones`;

/** Tables whose bodies a till keeps as they came. */
const COMPARED: ReadonlySet<string> = new Set([
  'member',
  'points',
  'staff',
  'document',
  'store',
  'setting',
  'denied-key',
  'pass-issuer',
  'face',
  'tag',
  'article',
]);

/**
 * I3 and I4: what a till holds belongs to its place in the feed. Rows may be newer (they come ahead of the feed, and in
 * slices), older ones only where the feed brings a newer one still, never other ones.
 * @param exact nothing is under way: it holds just what headquarters holds
 */
export function checkContent(
  till: TillMachine,
  history: FeedHistory,
  timeline: string,
  exact: boolean,
): Violation[] {
  const cursor = till.store().sync.cursor();
  if (cursor === undefined || cursor.timeline !== timeline) return [];
  const { pos } = cursor;
  const found: Violation[] = [];
  const wrong = (detail: string): void =>
    void found.push({
      invariant: exact ? 'I4' : 'I3',
      detail: `${till.name} at ${pos}: ${detail}`,
    });
  const held = new Map<string, TillRow>();
  const rows = till.beside((db) => db.prepare<[], TillRow>(TILL_ROWS_SQL).all());
  for (const row of rows) {
    const place = `${row.tbl}\n${row.key}`;
    const known = held.get(place);
    // A removal is a row of its own; what was removed and is there all the same is no removal.
    const isGone = known?.body != null && row.body === null;
    if (isGone && row.ver >= known.ver && known.ver > 0)
      wrong(`${row.tbl} ${row.key} was removed in version ${row.ver} and is there`);
    if (known === undefined || known.ver < row.ver) held.set(place, row);
  }
  const expected = history.at(till.storeId, pos);
  for (const [place, row] of expected) if (COMPARED.has(row.table)) compare(place, row);
  for (const [place, row] of held) {
    if (row.ver === 0 || row.body === null) continue;
    const right = expected.get(place);
    if (right !== undefined && right.ver >= row.ver) continue;
    const told = history.wasTold(row.tbl, row.key, row.ver);
    if (exact && !(told !== undefined && told.scope !== '*' && told.scope !== till.storeId))
      wrong(`${row.tbl} ${row.key} is there in version ${row.ver}, and nobody told it`);
  }

  function compare(place: string, right: ToldRow): void {
    const own = held.get(place);
    // Pages and copies are read from what headquarters has: of a row that changed again since, only the later version comes,
    // at its place. Until the till is there it has none or an older one.
    const isAwaited =
      !exact &&
      (own === undefined || own.ver < right.ver) &&
      history.isToldAfter(till.storeId, pos, right);
    if (isAwaited) return;
    const what = `${right.table} ${right.key}`;
    if (right.body === null) {
      // A removal that is long ago may be forgotten.
      if (own?.body != null && own.ver > 0 && own.ver < right.ver)
        wrong(`${what} was removed in version ${right.ver} and is there in version ${own.ver}`);
      return;
    }
    if (own === undefined) return wrong(`${what} of version ${right.ver} is missing`);
    if (own.ver < right.ver) return wrong(`${what} is ${own.ver} and should be ${right.ver}`);
    if (own.ver === right.ver && own.body !== right.body)
      return wrong(`${what} of version ${right.ver} has another content`);
    if (exact && own.ver > right.ver)
      wrong(`${what} is ${own.ver}, and headquarters has ${right.ver}`);
  }
  return found;
}

/** I4: nothing was damaged, so no check may find anything, nor any root differ: that would be drift, or a false alarm. */
export function checkDrift(till: TillMachine): Violation[] {
  return till
    .store()
    .sync.checks.records(RECORDS_LOOKED_AT)
    .filter(({ why, missing, extra, stale, damaged, mended }) => {
      return why === 'root' || missing + extra + stale + damaged + mended > 0;
    })
    .map((record) => ({
      invariant: 'I4' as const,
      detail: `${till.name}: a check found something: ${JSON.stringify(record)}`,
    }));
}

/** I5: the place in the feed and the number of the ledger never go back. */
export function createProgressCheck() {
  const places = new Map<string, number>();
  const seqs = new Map<string, number>();
  return {
    check(till: TillMachine): Violation[] {
      const store = till.store();
      const found: Violation[] = [];
      const cursor = store.sync.cursor();
      const own = `${till.name}/${store.incarnation}`;
      if (cursor !== undefined) {
        const name = `${own}/${cursor.timeline}`;
        const before = places.get(name) ?? 0;
        if (cursor.pos < before)
          found.push({
            invariant: 'I5',
            detail: `${till.name} went back from ${before} to ${cursor.pos}`,
          });
        places.set(name, cursor.pos);
      }
      const { seq } = store.ledger.head();
      const before = seqs.get(own) ?? 0;
      if (seq < before)
        found.push({
          invariant: 'I5',
          detail: `${own}: the ledger went back from ${before} to ${seq}`,
        });
      seqs.set(own, seq);
      return found;
    },
    /** The disk of a till was put back: what it knew before counts no more. */
    forget(till: string): void {
      for (const map of [places, seqs])
        for (const name of [...map.keys()]) if (name.startsWith(`${till}/`)) map.delete(name);
    },
  };
}
