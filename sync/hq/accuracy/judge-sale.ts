import type { Scene } from '../../../agent/contract/calendar.ts';
import type {
  Allowance,
  CouponState,
  EvaluationInput,
  MemberFacts,
} from '../../../agent/contract/evaluation-input.ts';
import { assert } from '../../../agent/contract/result.ts';
import type { CompiledRuleSet } from '../../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../../agent/domain/benefits/evaluate.ts';
import { sceneOf } from '../../../agent/domain/calendar/scene-of.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { AccuracyCause, RuleDifference } from '../../protocol/accuracy.ts';
import { type DecidedRules, decidedRules, ruleDifferences } from './decided-rules.ts';

/** What the till decided from, and by which rules. */
export interface StoredDecision {
  readonly rules: CompiledRuleSet;
  readonly input: EvaluationInput;
}

/** The same with everything that the chain knows. */
export interface FullData {
  /** In force at headquarters. */
  readonly rules: CompiledRuleSet;
  readonly member: MemberFacts | null;
  /** Whether the till took a member of the chain for somebody who joins. */
  readonly tookForNew: boolean;
  readonly points: Allowance;
  readonly coupons: Readonly<Record<string, CouponState>>;
  readonly vouchers: EvaluationInput['allowances']['vouchers'];
  readonly counters: EvaluationInput['counters'];
  readonly budgetsUsedMinor: EvaluationInput['budgetsUsedMinor'];
}

/** Empty `differences` = the till decided as full data would have it. */
export interface Judgement {
  readonly differences: readonly RuleDifference[];
  /** null where there is no difference. */
  readonly cause: AccuracyCause | null;
  /** Names of the member's facts that were not the latest, where they are the cause. */
  readonly fields: readonly string[];
}

/** One kind of data that may have been stale: full data with the till's own in its place. */
interface Staleness {
  readonly cause: AccuracyCause;
  readonly stale: FullData;
}

/**
 * Compares what the till decided with what it would have decided from full and fresh data. The cause is the first kind of
 * data that alone explains a difference: with everything else fresh, the decision would still not be that of full data.
 * Where only several together do, it is the first that was stale at all.
 */
export function judgeSale(stored: StoredDecision, full: FullData): Judgement {
  const fresh = decide(stored, full);
  const differences = ruleDifferences(decide(stored, staleData(stored)), fresh);
  if (differences.length === 0) return { differences, cause: null, fields: [] };
  const kinds = stalenesses(stored, full).filter(({ stale }) => !isEqual(stale, full));
  const alone = kinds.find(({ stale }) => ruleDifferences(decide(stored, stale), fresh).length > 0);
  const cause = (alone ?? kinds[0])?.cause ?? 'unexplained';
  const fields = cause === 'member-stale' ? staleFields(stored.input.member, full.member) : [];
  return { differences, cause, fields };
}

/** Everything as the till had it. */
function staleData({ rules, input }: StoredDecision): FullData {
  const { allowances, member, counters, budgetsUsedMinor } = input;
  const { points, coupons, vouchers } = allowances;
  return {
    rules,
    member,
    tookForNew: false,
    points,
    coupons,
    vouchers,
    counters,
    budgetsUsedMinor,
  };
}

function stalenesses(stored: StoredDecision, full: FullData): Staleness[] {
  const till = staleData(stored);
  const { points, member } = till;
  const buckets = (from: MemberFacts | null) => from?.pointsByBucket ?? {};
  const unasked = (code: string): boolean =>
    (till.vouchers?.[code]?.state ?? till.coupons[code] ?? 'unreachable') === 'unreachable';
  const memberOf = (facts: MemberFacts | null): MemberFacts | null =>
    facts && { ...facts, pointsByBucket: buckets(full.member) };
  const pointsOf: FullData = {
    ...full,
    points,
    member: full.member && { ...full.member, pointsByBucket: buckets(member) },
  };
  return [
    { cause: 'rule-set-stale', stale: { ...full, rules: till.rules } },
    {
      cause: full.tookForNew ? 'guest-unknown-member' : 'member-stale',
      stale: { ...full, member: memberOf(member) },
    },
    ...(points.reachable ? [{ cause: 'points-stale' as const, stale: pointsOf }] : []),
    { cause: 'counter-stale', stale: { ...full, counters: till.counters } },
    { cause: 'budget-stale', stale: { ...full, budgetsUsedMinor: till.budgetsUsedMinor } },
    { cause: 'coupon-offline', stale: withCodes(full, till, unasked) },
    { cause: 'coupon-stale', stale: withCodes(full, till, (code) => !unasked(code)) },
    ...(points.reachable ? [] : [{ cause: 'allowance-offline' as const, stale: pointsOf }]),
  ];
}

/** Full data with some codes as the till had them. */
function withCodes(full: FullData, till: FullData, which: (code: string) => boolean): FullData {
  const { vouchers } = full;
  return {
    ...full,
    coupons: mixed(full.coupons, till.coupons, which),
    vouchers: vouchers && mixed(vouchers, till.vouchers ?? {}, which),
  };
}

function mixed<T>(
  full: Readonly<Record<string, T>>,
  till: Readonly<Record<string, T>>,
  which: (code: string) => boolean,
): Record<string, T> {
  const codes = [...new Set([...Object.keys(full), ...Object.keys(till)])];
  return Object.fromEntries(
    codes.flatMap((code) => {
      const value = which(code) ? till[code] : full[code];
      return value === undefined ? [] : [[code, value]];
    }),
  );
}

function decide({ rules: own, input }: StoredDecision, data: FullData): DecidedRules {
  const { rules, member, points, coupons, vouchers, counters, budgetsUsedMinor } = data;
  const done = evaluate(rules, {
    ...input,
    member,
    scene: sceneUnder(rules, { rules: own, input }),
    allowances: {
      ...input.allowances,
      points,
      coupons: { ...coupons },
      ...(vouchers === undefined ? {} : { vouchers }),
    },
    counters,
    budgetsUsedMinor,
  });
  assert(done.ok, 'a basket that was sold can be evaluated');
  return decidedRules(done.value, rules.ruleSet.rules);
}

/** The calendar is part of the rule set; under its own the till has asked it already. */
export function sceneUnder(rules: CompiledRuleSet, { rules: own, input }: StoredDecision): Scene {
  return rules === own ? input.scene : sceneOf(rules.ruleSet.calendar, input.now);
}

function isEqual({ rules: a, ...one }: FullData, { rules: b, ...other }: FullData): boolean {
  return a === b && canonicalJson(one) === canonicalJson(other);
}

function staleFields(till: MemberFacts | null, full: MemberFacts | null): string[] {
  if (till === null || full === null) return ['status'];
  const names = new Set([...Object.keys(till), ...Object.keys(full)] as (keyof MemberFacts)[]);
  return [...names]
    .filter((name) => canonicalJson(till[name] ?? null) !== canonicalJson(full[name] ?? null))
    .sort();
}
