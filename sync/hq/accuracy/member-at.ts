import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import { MERGE_CHAIN_MAX } from '../../../agent/domain/identify/follow-merge.ts';
import { countEntry } from '../books/count-entry.ts';
import { type MemberBody, readMemberBody } from '../books/member-body.ts';
import type { BookSettings } from '../books/settings.ts';
import type { HqSession } from '../database/database.ts';

/** Entries of one member that are added to what HQ had booked of them, at most; a till is rarely offline for so many. */
export const LATE_ENTRIES_MAX = 500;

/** Who a member id stood for at a moment, and what they were. */
export type MemberThen =
  /** `ids`: the id asked for and every one that it was merged into. */
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
  settings: BookSettings,
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
    if (version.status !== 'merged' || version.mergedInto === undefined)
      return {
        known: true,
        member: await withLateEntries(session, version, ids, moment, settings),
        ids,
      };
    ids.push(version.mergedInto);
  }
  return { known: false, why: 'unknown', ids };
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
  { tiers }: BookSettings,
): Promise<MemberBody> {
  const rows = await session.query<{ header: string; facts: string }>(
    `SELECT header, facts FROM ledger l
     WHERE member_id = ANY($5) AND received_at_ms > $1 AND ${isBefore('l', 1)}
     ORDER BY at_ms, till_id, incarnation, seq LIMIT ${LATE_ENTRIES_MAX}`,
    [...beforeValues(moment), [...ids]],
  );
  return rows.reduce(
    (counted, { header, facts }) =>
      countEntry(counted, JSON.parse(header) as EntryHeader, JSON.parse(facts) as EntryFacts, {
        tiers,
        today: moment.day,
      }),
    member,
  );
}
