import type { EffectKind } from '../../contract/effects.ts';
import type { RuleOutcome } from '../../contract/evaluation.ts';
import { LANES, type Lane } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { evaluationInputSchema } from '../../contract/evaluation-input.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { localTime } from '../../domain/benefits/local-time.ts';
import {
  type BenefitCase,
  type CaseBenefit,
  type CaseWhen,
  inOrder,
} from './benefit-case-schema.ts';

/** What a case is in our own terms: a rule file for the publisher and an input for the engine. */
export interface AdaptedCase {
  /** JSON text, published like any rule file. */
  readonly ruleFile: string;
  readonly input: EvaluationInput;
  /** Benefit ids in the order in which they take effect. */
  readonly order: readonly string[];
}

/** Lane of each kind of the format. A kind that is missing here is unsupported. */
const KIND_LANES: Readonly<Record<string, Lane>> = {
  'percent-off-order': 'basket',
  'fixed-off-order': 'basket',
  'percent-off-items': 'basket',
  'fixed-off-items': 'basket',
  'percent-off-cheapest-unit': 'basket',
  'tiered-percent-items': 'basket',
  'tiered-fixed-order': 'basket',
  'quantity-groups': 'basket',
  'buy-x-get-y': 'basket',
  'points-redeem': 'basket',
  'points-earn': 'points-earn',
  'gift-item': 'entitlement',
  'spend-tier': 'entitlement',
} satisfies Partial<Record<EffectKind, Lane>>;

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
  const unknown = benefitCase.benefits.find((benefit) => !Object.hasOwn(KIND_LANES, benefit.kind));
  if (unknown !== undefined) return err(`kind ${unknown.kind}`);
  const redeems = benefitCase.benefits.filter((benefit) => benefit.kind === 'points-redeem');
  if (redeems.length > 1) return err('several requests to spend points in one basket');
  const benefits = inOrder(benefitCase.benefits);
  const rules = benefits.map((benefit, index) => ruleOf(benefit, index, benefitCase));
  const input = evaluationInputSchema.safeParse(inputOf(benefitCase, redeems[0]));
  if (!input.success)
    return err(
      `input: ${input.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    );
  return ok({
    ruleFile: JSON.stringify({ ruleSet: benefitCase.id, version: 1, currency: 'CNY', rules }),
    input: input.data,
    order: benefits.map((benefit) => benefit.id),
  });
}

/** The format's word for why a rule did not apply. */
export function caseReason(outcome: RuleOutcome): string {
  return REASON_NAMES[outcome.code] ?? outcome.code;
}

function ruleOf(benefit: CaseBenefit, index: number, benefitCase: BenefitCase): object {
  const { when = {} } = benefit;
  const best = benefitCase.stacking.mode === 'best-of';
  const limits = [
    ...(when.usageLimit === undefined ? [] : [{ scope: 'total', max: when.usageLimit.limit }]),
    ...(when.memberUsageLimit === undefined
      ? []
      : [{ scope: 'member', max: when.memberUsageLimit.limit }]),
  ];
  const {
    capMinor,
    requestedPoints: _requested,
    periodSpendMinor: _spend,
    ...value
  } = benefit.value;
  return {
    id: benefit.id,
    name: { 'zh-CN': benefit.id, en: benefit.id },
    lane: KIND_LANES[benefit.kind],
    // In a sequence every benefit is a step of its own, so each sees what earlier ones left.
    ...(best ? { step: 0, group: 'best-of', priority: index } : { step: index }),
    exclusive: benefit.exclusive ? LANES : [],
    when: conditionOf(when).join(' && '),
    select: selectorsOf(when),
    ...(benefit.target === undefined ? {} : { target: selectorOf(benefit.target) }),
    base: benefit.base === 'original' ? 'list' : 'running',
    effect: { kind: benefit.kind, ...value, ...dealOf(benefit) },
    caps: capMinor === undefined ? {} : { discountMinor: capMinor },
    ...(benefit.budget === undefined
      ? {}
      : { budget: { id: benefit.id, limitMinor: benefit.budget.limitMinor } }),
    limits,
    rounding: benefitCase.rounding.mode,
    ...(when.validFrom === undefined && when.validTo === undefined
      ? {}
      : { window: windowOf(when) }),
  };
}

function conditionOf(when: CaseWhen): string[] {
  const quote = (word: string): string => JSON.stringify(word);
  const units = when.of === undefined ? 'basket.qty' : 'qty("of")';
  const groups = when.memberGroups?.map((group) => `${quote(group)} in member.groups`).join(' || ');
  const terms: [unknown, string][] = [
    [when.code, `${quote(when.code ?? '')} in codes`],
    [groups, `(${groups ?? ''})`],
    [when.orderNumber, `member.completedOrders + 1 == ${String(when.orderNumber)}`],
    [when.minSubtotalMinor, `basket.listMinor >= ${String(when.minSubtotalMinor)}`],
    [
      when.minRunningSubtotalMinor,
      `basket.runningMinor >= ${String(when.minRunningSubtotalMinor)}`,
    ],
    [when.minQty, `${units} >= ${String(when.minQty)}`],
    [when.maxQty, `${units} <= ${String(when.maxQty)}`],
    [when.minAmountOf, `listMinor("minAmountOf") >= ${String(when.minAmountOf?.minor)}`],
    [when.contains, 'hasLines("contains")'],
    [when.notOnReturn === true ? true : undefined, '!basket.isReturn'],
  ];
  return terms.filter(([gate]) => gate !== undefined).map(([, text]) => text);
}

function selectorsOf(when: CaseWhen): Record<string, object> {
  return {
    ...(when.of === undefined ? {} : { of: selectorOf(when.of) }),
    ...(when.minAmountOf === undefined ? {} : { minAmountOf: selectorOf(when.minAmountOf.target) }),
    ...(when.contains === undefined ? {} : { contains: selectorOf(when.contains) }),
  };
}

/** `notAlreadyDiscounted: false` asks for nothing; our selectors have no such value. */
function selectorOf(target: object): object {
  return Object.fromEntries(
    Object.entries(target).filter(
      ([key, value]) => !(key === 'notAlreadyDiscounted' && value === false),
    ),
  );
}

/** The selectors inside a deal's value. */
function dealOf(benefit: CaseBenefit): Record<string, object> {
  const parts: Record<string, object> = {};
  for (const key of ['buy', 'get']) {
    const part = benefit.value[key];
    if (typeof part !== 'object' || part === null) continue;
    const target =
      'target' in part && typeof part.target === 'object' && part.target !== null
        ? part.target
        : {};
    parts[key] = { ...part, target: selectorOf(target) };
  }
  return parts;
}

/** Instants become the wall clock of a store in UTC. */
function windowOf(when: CaseWhen): object {
  const clock = (instant: string): string => new Date(instant).toISOString().slice(0, 19);
  return {
    ...(when.validFrom === undefined ? {} : { from: clock(when.validFrom) }),
    ...(when.validTo === undefined ? {} : { to: clock(when.validTo) }),
  };
}

function inputOf(benefitCase: BenefitCase, redeem: CaseBenefit | undefined): object {
  const { member, benefits } = benefitCase;
  const spendTier = benefits.find((benefit) => benefit.kind === 'spend-tier');
  return {
    currency: 'CNY',
    lines: benefitCase.lines.map(({ id, ...line }) => ({ lineId: id, ...line })),
    codes: benefitCase.codes,
    pointsToSpend: redeem?.value['requestedPoints'] ?? 0,
    channel: 'store',
    isReturn: benefitCase.isReturn,
    member:
      member === null || (member === undefined && !needsAccount(benefitCase))
        ? null
        : factsOf(member ?? {}, spendTier),
    store: { storeId: 'case', storeTier: 'case' },
    now: localTime(Date.parse(benefitCase.now ?? WITHOUT_NOW), 'UTC'),
    allowances: {
      points: { reachable: true, available: member?.pointsBalance ?? 0 },
      coupons: {},
      allotments: {},
    },
    counters: Object.fromEntries(
      benefits.map(({ id, when }) => [
        id,
        { total: when?.usageLimit?.used ?? 0, member: when?.memberUsageLimit?.used ?? 0 },
      ]),
    ),
    budgetsUsedMinor: Object.fromEntries(
      benefits.map(({ id, budget }) => [id, budget?.usedMinor ?? 0]),
    ),
  };
}

function factsOf(
  member: NonNullable<BenefitCase['member']>,
  spendTier: CaseBenefit | undefined,
): object {
  return {
    memberId: 'case-member',
    tier: '',
    groups: member.groups ?? [],
    tags: [],
    completedOrders: member.completedOrders ?? 0,
    yearSpendMinor: spendTier?.value['periodSpendMinor'] ?? 0,
    birthdayToday: false,
    birthdayMonth: false,
  };
}

/** Points, tiers and uses counted by member presuppose an account, even where a case leaves the member out. */
function needsAccount({ benefits }: BenefitCase): boolean {
  const kinds = ['points-earn', 'points-redeem', 'spend-tier'];
  return benefits.some(
    ({ kind, when }) => kinds.includes(kind) || when?.memberUsageLimit !== undefined,
  );
}
