import { monthOf, monthsBefore, yearOf } from '../../../../agent/domain/calendar/month.ts';
import { yearsOf } from '../../../../agent/domain/members/count-booking.ts';
import type { HqSession } from '../../database/database.ts';
import { chainDay } from '../chain-day.ts';
import { countedDay } from '../count-entry.ts';
import type { MemberBody } from '../member-body.ts';
import type { TierInputs } from './judge-tier.ts';

/** Months of the ledger before the one that is judged that are read: enough for the year before and for a held ladder. */
const MONTHS_READ = 36;

export interface LedgerPlace {
  readonly currency: string;
  readonly timeZone: string;
  /** The month that is judged. */
  readonly month: string;
  /** The month that it is. */
  readonly running: string;
}

/**
 * What members are judged by, from the chain's ledgers: what they and those merged into them paid, after returns, each
 * return in the month of its sale as far as that is known. A year's spend is the member's own figure, which imported spend
 * is part of; of a year that it does not hold, what the ledgers say.
 * @param sources ids whose bookings are a member's, by member; the own one included
 */
export async function readTierInputs(
  session: HqSession,
  members: readonly MemberBody[],
  sources: (memberId: string) => readonly string[],
  { currency, timeZone, month, running }: LedgerPlace,
): Promise<Map<string, TierInputs>> {
  const owner = new Map<string, string>(
    members.flatMap(({ memberId }) => sources(memberId).map((id) => [id, memberId] as const)),
  );
  const ids = [...owner.keys()];
  const first = monthsBefore(month < running ? month : running, MONTHS_READ);
  // An entry whose day is after the UTC day on which it came may be of a clock ahead: those few are looked at one by one.
  const sold = await session.query<SoldRow>(
    `SELECT member_id, month, sale_day, business_day, came_ms, sum(spend_minor)::bigint AS spend_minor FROM (
       SELECT member_id, substr(least(sale_day, business_day), 1, 7) AS month, spend_minor,
         CASE WHEN is_ahead THEN sale_day END AS sale_day, CASE WHEN is_ahead THEN business_day END AS business_day,
         CASE WHEN is_ahead THEN received_at_ms END AS came_ms
       FROM (SELECT member_id, facts::jsonb ->> 'saleDay' AS sale_day, business_day, received_at_ms,
           (facts::jsonb ->> 'spendMinor')::bigint AS spend_minor,
           business_day > to_char(to_timestamp(received_at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS is_ahead
         FROM ledger WHERE member_id = ANY($1) AND currency = $2) AS entries) AS one
     WHERE month >= $3 GROUP BY member_id, month, sale_day, business_day, came_ms`,
    [ids, currency, first],
  );
  const online = await session.query<{ member_id: string; at_ms: number; amount_minor: number }>(
    `SELECT o.member_id, coalesce(b.at_ms, o.at_ms) AS at_ms, o.amount_minor FROM online_ledger o
     LEFT JOIN online_ledger b ON o.kind = 'return' AND b.kind = 'purchase' AND b.order_id = o.order_id
     WHERE o.member_id = ANY($1) AND o.amount_minor <> 0 AND coalesce(b.at_ms, o.at_ms) >= $2`,
    [ids, Date.parse(`${first}-01T00:00:00Z`)],
  );
  const granted = await session.query<{ member_id: string; tier: string }>(
    `SELECT DISTINCT member_id, facts::jsonb ->> 'tierAfter' AS tier FROM ledger
     WHERE member_id = ANY($1) AND facts LIKE '%"tierAfter"%' AND facts::jsonb ->> 'tierAfter' IS NOT NULL`,
    [ids],
  );
  const months = new Map<string, Map<string, number>>(
    members.map(({ memberId }) => [memberId, new Map()]),
  );
  const add = (id: string, month: string, spendMinor: number): void => {
    const ofMember = months.get(owner.get(id) ?? '');
    const isRead = month >= first && month <= running;
    if (isRead && spendMinor !== 0) ofMember?.set(month, (ofMember.get(month) ?? 0) + spendMinor);
  };
  for (const row of sold) add(row.member_id, monthSold(row, timeZone), row.spend_minor);
  for (const { member_id, at_ms, amount_minor } of online)
    add(member_id, monthOf(chainDay(at_ms, timeZone)), amount_minor);
  return new Map(
    members.map((member) => {
      const { memberId, tier, tierGiven = tier } = member;
      const monthsMinor = Object.fromEntries([...(months.get(memberId) ?? [])].sort());
      const own = granted.filter(({ member_id }) => owner.get(member_id) === memberId);
      const inputs: TierInputs = {
        tierGiven,
        yearsMinor: yearsMinor(member, monthsMinor),
        monthsMinor,
        granted: [...new Set(own.map((one) => one.tier))].sort(),
      };
      return [memberId, inputs];
    }),
  );
}

interface SoldRow {
  readonly member_id: string;
  readonly month: string;
  readonly spend_minor: number;
  readonly sale_day: string | null;
  /** null = the month stands as it is. */
  readonly business_day: string | null;
  readonly came_ms: number | null;
}

/** The month for which the books counted it. */
function monthSold({ month, sale_day, business_day, came_ms }: SoldRow, timeZone: string): string {
  if (business_day === null || came_ms === null) return month;
  return monthOf(countedDay(business_day, sale_day ?? undefined, chainDay(came_ms, timeZone)));
}

function yearsMinor(
  member: MemberBody,
  monthsMinor: TierInputs['monthsMinor'],
): Record<string, number> {
  const years: Record<string, number> = {};
  for (const [month, spent] of Object.entries(monthsMinor))
    years[yearOf(month)] = (years[yearOf(month)] ?? 0) + spent;
  const { running, thisYear, lastYear } = yearsOf(member);
  years[running] = thisYear;
  if (lastYear !== 0) years[running - 1] = lastYear;
  return years;
}
