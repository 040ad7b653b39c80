import type { Member } from '../../../agent/contract/member.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import type { CompiledRuleSet } from '../../../agent/domain/benefits/compile-rule-set.ts';
import { memberFacts } from '../../../agent/domain/benefits/member-facts.ts';
import { dayText } from '../../../agent/domain/calendar/day.ts';
import { memberStanding } from '../../../agent/domain/identify/member-standing.ts';
import { withOwnBookings } from '../../../agent/domain/members/own-bookings.ts';
import type { MemberBody } from '../books/member-body.ts';
import type { HqSession } from '../database/database.ts';
import { countedCodes, couponsAt, vouchersAt } from './coupons-at.ts';
import { type FullData, type StoredDecision, sceneUnder } from './judge-sale.ts';
import { type ChainBooks, type MemberThen, type Moment, memberAt } from './member-at.ts';
import { pointsAt } from './points-at.ts';
import { usesAt } from './uses-at.ts';

export interface SaleAsked {
  readonly stored: StoredDecision;
  readonly inForce: CompiledRuleSet;
  readonly moment: Moment;
}

export interface FullDataFound {
  readonly data: FullData;
  /** What the member was then is not kept: the facts that the till had are believed. */
  readonly withoutHistory: boolean;
  /** Whose later news would change what was found. */
  readonly keys: readonly string[];
}

/** Everything that the chain knows of a decision's moment. Proof, weather and allotments are the till's own. */
export async function fullData(
  session: HqSession,
  { stored, inForce, moment }: SaleAsked,
  books: ChainBooks,
): Promise<FullDataFound> {
  const { input } = stored;
  const asked = input.member?.memberId;
  const then = asked === undefined ? undefined : await memberAt(session, asked, moment, books);
  const ids = then?.ids ?? [];
  const found = memberOf(stored, then, moment.day);
  const wantsPoints = input.pointsToSpend > 0 && found.member !== null;
  const points = wantsPoints
    ? await pointsAt(session, ids, moment, dayText(input.now.date))
    : { points: input.allowances.points, pointsByBucket: input.member?.pointsByBucket ?? {} };
  const member = found.member && { ...found.member, pointsByBucket: { ...points.pointsByBucket } };
  const ruleSets = [stored.rules, inForce];
  const counted = countedCodes(input, ruleSets);
  const states = await couponsAt(session, counted, moment);
  const vouchers = vouchersAt(input.allowances.vouchers, states);
  const rules = limitedRules(ruleSets, stored, member);
  const uses = await usesAt(session, rules, {
    moment,
    storeId: input.store.storeId,
    day: moment.day,
    memberIds: ids,
  });
  return {
    data: {
      rules: inForce,
      member,
      tookForNew: asked !== undefined && ids.at(-1) !== asked && (await hasJoined(session, asked)),
      points: points.points,
      coupons: { ...input.allowances.coupons, ...withoutVouchers(states, vouchers) },
      vouchers,
      ...uses,
    },
    withoutHistory: found.withoutHistory,
    keys: [
      ...ids.map((id) => `m:${id}`),
      ...[...counted.keys()].map((code) => `c:${code}`),
      ...rules.map(({ id }) => `r:${id}`),
      ...new Set(rules.flatMap(({ budget }) => (budget === undefined ? [] : `b:${budget.id}`))),
    ],
  };
}

/** Whom HQ does not know, or whose past it does not keep, is who the till says. */
function memberOf({ input }: StoredDecision, then: MemberThen | undefined, day: string) {
  if (then === undefined) return { member: null, withoutHistory: false };
  if (!then.known) return { member: input.member, withoutHistory: true };
  const member = withOwnBookings(fullMember(then.member), [], [], day);
  const isActive = memberStanding(member, dayText(input.now.date)) === 'identified';
  return { member: isActive ? memberFacts(member, input.now) : null, withoutHistory: false };
}

/** With what the contract fills in. A version that is history has no name, which no condition reads. */
function fullMember(body: MemberBody): Member {
  const bare = { cards: [], groups: [], tags: [], entitlements: [], status: 'active' as const };
  return { ...bare, completedOrders: 0, yearSpendMinor: 0, ...body };
}

/** Rules of either set that the input can meet and that count their uses or take campaign money, each id once. */
function limitedRules(
  ruleSets: readonly CompiledRuleSet[],
  stored: StoredDecision,
  member: FullData['member'],
): Rule[] {
  const rules = new Map<string, Rule>();
  for (const compiled of ruleSets) {
    const input = { ...stored.input, member, scene: sceneUnder(compiled, stored) };
    const candidates = new Set(compiled.index.candidates(input));
    for (const { rule, rank } of compiled.rules) {
      const isLimited = rule.limits.length > 0 || rule.budget !== undefined;
      if (isLimited && candidates.has(rank)) rules.set(rule.id, rule);
    }
  }
  return [...rules.values()];
}

function withoutVouchers(
  states: FullData['coupons'],
  vouchers: FullData['vouchers'],
): FullData['coupons'] {
  return Object.fromEntries(
    Object.entries(states).filter(([code]) => !Object.hasOwn(vouchers ?? {}, code)),
  );
}

async function hasJoined(session: HqSession, provisionalId: string): Promise<boolean> {
  const rows = await session.query(
    'SELECT 1 FROM joins WHERE provisional_id = $1 AND member_id <> $1',
    [provisionalId],
  );
  return rows.length > 0;
}
