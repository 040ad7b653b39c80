import type { EffectKind } from '../../contract/effects.ts';
import { LANES, type Lane } from '../../contract/evaluation.ts';
import type { BenefitCase, CaseBenefit, CaseWhen } from './benefit-case-schema.ts';

/**
 * Lane of each kind where the case names none: in the plain format all money is taken in one lane, in file order. A kind
 * that is missing here is unsupported.
 */
const KIND_LANES = {
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
  'member-price': 'price',
  'every-amount-off': 'basket',
  bundle: 'basket',
  'points-multiplier': 'points-earn',
  entitlement: 'entitlement',
  'month-ladder': 'entitlement',
  donation: 'entitlement',
  'voucher-value': 'coupon',
} satisfies Partial<Record<EffectKind, Lane>>;
const LANE_OF: Readonly<Record<string, Lane>> = KIND_LANES;

/** Whether a benefit of this kind can be mapped. */
export function isKnownKind(kind: string): boolean {
  return Object.hasOwn(LANE_OF, kind);
}

/**
 * A benefit as a rule of a rule file.
 * @param index its place in the order in which benefits take effect
 */
export function caseRule(benefit: CaseBenefit, index: number, benefitCase: BenefitCase): object {
  const { when = {} } = benefit;
  const best = benefitCase.stacking.mode === 'best-of';
  const {
    capMinor,
    requestedPoints: _requested,
    periodSpendMinor: _spend,
    ...value
  } = benefit.value;
  return {
    id: benefit.id,
    name: { 'zh-CN': benefit.id, en: benefit.id },
    lane: benefit.lane ?? LANE_OF[benefit.kind],
    ...(best ? { step: 0, group: 'best-of', priority: index } : placeOf(benefit, index)),
    exclusive: benefit.exclusiveLanes ?? (benefit.exclusive ? LANES : []),
    when: conditionOf(benefit).join(' && '),
    select: { ...selectorsOf(when), ...benefit.select },
    ...(benefit.target === undefined ? {} : { target: selectorOf(benefit.target) }),
    base: benefit.base === 'original' ? 'list' : 'running',
    effect: { kind: benefit.kind, ...value, ...dealOf(benefit) },
    caps: benefit.caps ?? (capMinor === undefined ? {} : { discountMinor: capMinor }),
    ...(benefit.budget === undefined
      ? {}
      : { budget: { id: budgetId(benefit), limitMinor: benefit.budget.limitMinor } }),
    allotment: benefit.allotment === undefined ? undefined : { id: benefit.allotment },
    limits: limitsOf(benefit),
    coupon: benefit.coupon,
    voucher: benefit.voucher,
    returnPolicy: benefit.onReturn,
    rounding: benefitCase.rounding.mode,
    window: benefit.window ?? windowOf(when),
  };
}

/** In a sequence every benefit is a step of its own, so each sees what earlier ones left. */
function placeOf(benefit: CaseBenefit, index: number): object {
  return benefit.step === undefined
    ? { step: index, group: benefit.group }
    : { step: benefit.step, group: benefit.group, priority: benefit.priority };
}

/** The campaign money that a benefit draws on: its own, unless it names one. */
export function budgetId({ id, budget }: CaseBenefit): string {
  return budget?.id ?? id;
}

function limitsOf({ when = {}, limits = [] }: CaseBenefit): object[] {
  const { usageLimit, memberUsageLimit } = when;
  return [
    ...(usageLimit === undefined ? [] : [{ scope: 'total', max: usageLimit.limit }]),
    ...(memberUsageLimit === undefined ? [] : [{ scope: 'member', max: memberUsageLimit.limit }]),
    ...limits.map(({ scope, max }) => ({ scope, max })),
  ];
}

function conditionOf({ when = {}, expression }: CaseBenefit): string[] {
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
    [expression, `(${expression ?? ''})`],
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

/** Instants become the wall clock of a store in UTC; undefined where the benefit has no window. */
function windowOf({ validFrom, validTo }: CaseWhen): object | undefined {
  if (validFrom === undefined && validTo === undefined) return undefined;
  const clock = (instant: string): string => new Date(instant).toISOString().slice(0, 19);
  return {
    ...(validFrom === undefined ? {} : { from: clock(validFrom) }),
    ...(validTo === undefined ? {} : { to: clock(validTo) }),
  };
}
