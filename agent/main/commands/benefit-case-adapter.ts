import type { RuleOutcome } from '../../contract/evaluation.ts';
import type { EvaluationInput, LocalTime } from '../../contract/evaluation-input.ts';
import { evaluationInputSchema } from '../../contract/evaluation-input.ts';
import type { MemberId } from '../../contract/ids.ts';
import { BASE_BUCKET, type Member } from '../../contract/member.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { toInstant } from '../../contract/time.ts';
import { businessDate, localTime } from '../../domain/benefits/local-time.ts';
import { memberFacts } from '../../domain/benefits/member-facts.ts';
import { dayText } from '../../domain/calendar/day.ts';
import { weatherOf } from '../../domain/calendar/weather-of.ts';
import { spendablePoints } from '../../domain/points/lots.ts';
import { caseLots } from './benefit-case-purse.ts';
import { budgetId, caseRule, isKnownKind } from './benefit-case-rule.ts';
import { type BenefitCase, type CaseBenefit, inOrder } from './benefit-case-schema.ts';

/** What a case is in our own terms: a rule file for the publisher and an input for the engine. */
export interface AdaptedCase {
  /** JSON text, published like any rule file. */
  readonly ruleFile: string;
  /** Without scene and codes: what they are the published rule set tells. */
  readonly input: EvaluationInput;
  /** Benefit ids in the order in which they take effect. */
  readonly order: readonly string[];
}

/** Words of the format for reasons that we name more closely. */
const REASON_NAMES: Readonly<Record<string, string>> = {
  'lost-to': 'not-best',
  'points-balance': 'no-effect',
  'points-not-requested': 'no-effect',
  'min-points': 'no-effect',
};

const WITHOUT_NOW = '2026-01-01T12:00:00Z';

/**
 * Maps a case of `benefit-case/1` field by field. It computes nothing: amounts pass through untouched, conditions
 * become CEL text, and the publisher and the engine do the rest.
 */
export function adaptCase(benefitCase: BenefitCase): Result<AdaptedCase, string> {
  const unknown = benefitCase.benefits.find((benefit) => !isKnownKind(benefit.kind));
  if (unknown !== undefined) return err(`kind ${unknown.kind}`);
  const redeems = benefitCase.benefits.filter((benefit) => benefit.kind === 'points-redeem');
  if (redeems.length > 1 && benefitCase.spendPoints === undefined)
    return err('several requests to spend points in one basket');
  const benefits = inOrder(benefitCase.benefits);
  const { calendar, points, returnRules, partners } = benefitCase;
  const input = evaluationInputSchema.safeParse(inputOf(benefitCase, redeems[0]));
  if (!input.success)
    return err(
      `input: ${input.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    );
  return ok({
    ruleFile: JSON.stringify({
      ruleSet: benefitCase.id,
      version: 1,
      currency: 'CNY',
      calendar,
      points,
      returns: returnRules,
      partners,
      rules: benefits.map((benefit, index) => caseRule(benefit, index, benefitCase)),
    }),
    input: input.data,
    order: benefits.map((benefit) => benefit.id),
  });
}

/** The format's word for why a rule did not apply. */
export function caseReason(outcome: RuleOutcome): string {
  return REASON_NAMES[outcome.code] ?? outcome.code;
}

function inputOf(benefitCase: BenefitCase, redeem: CaseBenefit | undefined): object {
  const { member, benefits, store = {}, weather } = benefitCase;
  const at = Date.parse(benefitCase.now ?? WITHOUT_NOW);
  const now = localTime(at, store.timeZone ?? 'UTC', store.dayEndsAtMinute);
  const spendTier = benefits.find((benefit) => benefit.kind === 'spend-tier');
  const guest = member === null || (member === undefined && !needsAccount(benefitCase));
  return {
    currency: 'CNY',
    lines: benefitCase.lines.map(({ id, ...line }) => ({ lineId: id, ...line })),
    codes: [],
    pointsToSpend: benefitCase.spendPoints ?? redeem?.value['requestedPoints'] ?? 0,
    channel: benefitCase.channel ?? 'store',
    isReturn: benefitCase.isReturn,
    member: guest ? null : factsOf(member ?? {}, spendTier, now),
    store: { storeId: store.id ?? 'case', storeTier: store.tier ?? 'case' },
    now,
    weather: weatherOf(weather === undefined ? undefined : JSON.stringify(weather), at),
    allowances: {
      points:
        benefitCase.pointsReachable === false
          ? { reachable: false }
          : { reachable: true, available: pointsOf(member, BASE_BUCKET, now) },
      coupons: benefitCase.coupons ?? {},
      allotments: Object.fromEntries(
        Object.entries(benefitCase.allotments ?? {}).map(([id, left]) => [
          id,
          left === null ? { reachable: false } : { reachable: true, available: left },
        ]),
      ),
    },
    counters: Object.fromEntries(benefits.map((benefit) => [benefit.id, usesOf(benefit)])),
    budgetsUsedMinor: Object.fromEntries(
      benefits.map((benefit) => [budgetId(benefit), benefit.budget?.usedMinor ?? 0]),
    ),
  };
}

function usesOf({ when, limits = [] }: CaseBenefit): object {
  return {
    total: when?.usageLimit?.used ?? 0,
    member: when?.memberUsageLimit?.used ?? 0,
    ...Object.fromEntries(limits.map(({ scope, used }) => [scope, used])),
  };
}

function factsOf(
  member: NonNullable<BenefitCase['member']>,
  spendTier: CaseBenefit | undefined,
  now: LocalTime,
): object {
  const { tier, groups, tags, birthday, completedOrders, monthSpendMinor, lastPurchaseOn } = member;
  const yearSpendMinor = member.yearSpendMinor ?? spendTier?.value['periodSpendMinor'];
  const row: Member = {
    memberId: 'case-member' as MemberId,
    name: 'case',
    cards: [],
    tier: tier ?? '',
    groups: groups ?? [],
    tags: tags ?? [],
    status: 'active',
    completedOrders: completedOrders ?? 0,
    yearSpendMinor: typeof yearSpendMinor === 'number' ? yearSpendMinor : 0,
    entitlements: [],
    updatedAt: toInstant(0),
    ...(birthday === undefined ? {} : { birthday }),
    ...(monthSpendMinor === undefined ? {} : { monthSpendMinor }),
    ...(lastPurchaseOn === undefined ? {} : { lastPurchaseOn }),
  };
  const buckets = (member.lots ?? []).map((lot) => lot.bucket);
  const named = buckets.filter((bucket) => bucket !== BASE_BUCKET);
  return {
    ...memberFacts(row, now),
    pointsByBucket: {
      ...member.pointsByBucket,
      ...Object.fromEntries(named.map((bucket) => [bucket, pointsOf(member, bucket, now)])),
    },
  };
}

/** Points that a member can spend; from the lots where the case lists them. */
function pointsOf(member: BenefitCase['member'], bucket: string, now: LocalTime): number {
  if (member?.lots === undefined) return member?.pointsBalance ?? 0;
  return spendablePoints(caseLots(member), dayText(businessDate(now).date), bucket);
}

/** Points, tiers and uses counted by member presuppose an account, even where a case leaves the member out. */
function needsAccount({ benefits }: BenefitCase): boolean {
  const kinds = ['points-earn', 'points-redeem', 'spend-tier'];
  return benefits.some(
    ({ kind, when }) => kinds.includes(kind) || when?.memberUsageLimit !== undefined,
  );
}
