import { monthOf, monthsBefore, yearOf } from '../../../../agent/domain/calendar/month.ts';
import { yearsOf } from '../../../../agent/domain/members/count-booking.ts';
import type { HqSession } from '../../database/database.ts';
import { chainDay } from '../chain-day.ts';
import type { MemberBody } from '../member-body.ts';
import type { TierInputs } from './judge-tier.ts';

/** Months of the ledger that are read: enough for the year before and for a ladder that is just still held. */
const MONTHS_READ = 36;

export interface LedgerPlace {
  readonly currency: string;
  readonly timeZone: string;
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
  { currency, timeZone, running }: LedgerPlace,
): Promise<Map<string, TierInputs>> {
  const owner = new Map<string, string>(
    members.flatMap(({ memberId }) => sources(memberId).map((id) => [id, memberId] as const)),
  );
  const ids = [...owner.keys()];
  const first = monthsBefore(running, MONTHS_READ);
  const sold = await session.query<{ member_id: string; month: string; spend_minor: number }>(
    `SELECT member_id, month, sum(spend_minor)::bigint AS spend_minor FROM (
       SELECT member_id, substr(coalesce(facts::jsonb ->> 'saleDay', business_day), 1, 7) AS month,
         (facts::jsonb ->> 'spendMinor')::bigint AS spend_minor
       FROM ledger WHERE member_id = ANY($1) AND currency = $2) AS one
     WHERE month >= $3 GROUP BY member_id, month`,
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
    if (spendMinor !== 0) ofMember?.set(month, (ofMember.get(month) ?? 0) + spendMinor);
  };
  for (const { member_id, month, spend_minor } of sold) add(member_id, month, spend_minor);
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
