import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import { MERGE_CHAIN_MAX } from '../../../agent/domain/identify/follow-merge.ts';
import { chainDay } from '../books/chain-day.ts';
import { countEntry } from '../books/count-entry.ts';
import { type MemberBody, readMemberBody } from '../books/member-body.ts';
import type { BookSettings } from '../books/settings.ts';
import type { HqSession } from '../database/database.ts';

/** Entries of one member that are read at a time to be added to what HQ had booked of them. */
export const LATE_ENTRIES_PAGE = 500;

/** Who a member id stood for at a moment, and what they were. */
export type MemberThen =
  /** `ids`: every id that stood for the member; the last one is theirs. */
  | { readonly known: true; readonly member: MemberBody; readonly ids: readonly string[] }
  /** `unknown`: HQ has no such member. `no-history`: what they were then is not kept. */
  | {
      readonly known: false;
      readonly why: 'unknown' | 'no-history';
      readonly ids: readonly string[];
    };

/** The moment of a decision, and the entry that it led to, which is not among those before it. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Its business day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly tillId: string;
  readonly incarnation: string;
  readonly seq: number;
}

/** How the chain books entries. */
export interface ChainBooks extends Pick<BookSettings, 'tiers'> {
  readonly currency: string;
  readonly timeZone: string;
}

/**
 * SQL that is true for entries before a moment, whose parameters begin at `$n`: those written earlier, and those of the
 * same till before its own.
 */
export function isBefore(table: string, n: number): string {
  return `(${table}.at_ms < $${n} OR (${table}.at_ms <= $${n} AND ${table}.till_id = $${n + 1}
    AND ${table}.incarnation = $${n + 2} AND ${table}.seq < $${n + 3}))`;
}

/** The parameters of {@link isBefore}. */
export function beforeValues({ atMs, tillId, incarnation, seq }: Moment) {
  return [atMs, tillId, incarnation, seq] as const;
}

/**
 * A member as HQ had them at a moment, with what tills had sold them until then and sent later: whoever knows everything
 * knows that as well. A merge that had taken place is followed.
 */
export async function memberAt(
  session: HqSession,
  memberId: string,
  moment: Moment,
  books: ChainBooks,
): Promise<MemberThen> {
  const ids = [memberId];
  const [state] = await session.query<{ since: number }>(
    'SELECT history_since_ms AS since FROM accuracy_state',
  );
  const isKept = state !== undefined && moment.atMs >= state.since;
  for (let step = 0; step <= MERGE_CHAIN_MAX; step++) {
    const version = await versionAt(session, ids.at(-1) ?? memberId, moment.atMs);
    if (version === undefined) return { known: false, why: 'unknown', ids };
    if (!isKept || version === null) return { known: false, why: 'no-history', ids };
    if (version.status !== 'merged' || version.mergedInto === undefined) {
      const all = await withMerged(session, ids, moment.atMs);
      const member = await withLateEntries(session, version, all, moment, books);
      return { known: true, member, ids: all };
    }
    ids.push(version.mergedInto);
  }
  return { known: false, why: 'unknown', ids };
}

/** Some ids behind all those that had been merged into them by a moment, over several steps. */
async function withMerged(
  session: HqSession,
  ids: readonly string[],
  atMs: number,
): Promise<string[]> {
  let all = [...ids];
  for (let step = 0; step <= MERGE_CHAIN_MAX; step++) {
    const rows = await session.query<{ member_id: string }>(
      `SELECT member_id FROM members WHERE body LIKE '%"status":"merged"%'
         AND substring(body FROM '"mergedInto":"([^"]*)"') = ANY($1) AND NOT member_id = ANY($1) ORDER BY member_id`,
      [all],
    );
    const merged: string[] = [];
    for (const { member_id } of rows)
      if ((await versionAt(session, member_id, atMs))?.status === 'merged') merged.push(member_id);
    if (merged.length === 0) break;
    all = [...merged, ...all];
  }
  return all;
}

/** The version in force; null where it could not be read when it was kept, undefined where there is no such member. */
async function versionAt(
  session: HqSession,
  memberId: string,
  atMs: number,
): Promise<MemberBody | null | undefined> {
  const [row] = await session.query<{ body: string | null }>(
    `SELECT body FROM (
       SELECT facts AS body, ver FROM member_history WHERE member_id = $1 AND until_ms > $2
       UNION ALL SELECT body, ver FROM members WHERE member_id = $1
     ) AS versions ORDER BY ver LIMIT 1`,
    [memberId, atMs],
  );
  if (row === undefined) return undefined;
  return row.body === null ? null : readMemberBody(row.body);
}

async function withLateEntries(
  session: HqSession,
  member: MemberBody,
  ids: readonly string[],
  moment: Moment,
  { tiers, currency, timeZone }: ChainBooks,
): Promise<MemberBody> {
  let counted = member;
  for (let last: LateRow | undefined; ; ) {
    const rows: LateRow[] = await session.query<LateRow>(
      `SELECT header, facts, received_at_ms, at_ms, till_id, incarnation, seq FROM ledger l
       WHERE member_id = ANY($5) AND received_at_ms > $1 AND ${isBefore('l', 1)}
         AND (at_ms, till_id, incarnation, seq) > ($6::bigint, $7::text, $8::text, $9::bigint)
       ORDER BY at_ms, till_id, incarnation, seq LIMIT ${LATE_ENTRIES_PAGE}`,
      [
        ...beforeValues(moment),
        [...ids],
        last?.at_ms ?? 0,
        last?.till_id ?? '',
        last?.incarnation ?? '',
        last?.seq ?? 0,
      ],
    );
    const entries = rows.map(({ header, facts, received_at_ms }) => ({
      header: JSON.parse(header) as EntryHeader,
      facts: JSON.parse(facts) as EntryFacts,
      bookedOn: chainDay(received_at_ms, timeZone),
    }));
    const undone = await undoneBefore(session, entries, moment);
    for (const { header, facts, bookedOn } of entries)
      counted = countEntry(counted, header, facts, {
        tiers,
        currency,
        bookedOn,
        today: moment.day,
        undone,
      });
    last = rows.at(-1);
    if (rows.length < LATE_ENTRIES_PAGE) return counted;
  }
}

interface LateRow {
  readonly header: string;
  readonly facts: string;
  readonly received_at_ms: number;
  readonly at_ms: number;
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
}

/** Of sales that bring rights, those whose goods had all come back by the moment. */
async function undoneBefore(
  session: HqSession,
  entries: readonly { readonly header: EntryHeader; readonly facts: EntryFacts }[],
  moment: Moment,
): Promise<ReadonlySet<string>> {
  const sales = entries.flatMap(({ header, facts }) =>
    facts.entitlements === undefined ? [] : header.saleId,
  );
  if (sales.length === 0) return new Set();
  const rows = await session.query<{ sale_id: string }>(
    `SELECT sale_id FROM ledger l WHERE sale_id = ANY($5) AND kind = 'return' AND ${isBefore('l', 1)}
       AND (facts::jsonb ->> 'orders')::int < 0`,
    [...beforeValues(moment), sales],
  );
  return new Set(rows.map(({ sale_id }) => sale_id));
}
