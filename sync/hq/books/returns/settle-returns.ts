import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import type { Undone } from '../../../../agent/contract/undone.ts';
import {
  type CountedUse,
  type KeptTarget,
  keptTarget,
} from '../../../../agent/domain/benefits/kept-target.ts';
import { ownValue } from '../../../../agent/domain/benefits/own-value.ts';
import type { ReturnBasis } from '../../../../agent/domain/benefits/return-basis.ts';
import { addUnits } from '../../../../agent/domain/benefits/return-figures.ts';
import { pointsOf } from '../../../../agent/domain/benefits/return-share.ts';
import type { PublishedRules } from '../../accuracy/published-rules.ts';
import type { HqSession } from '../../database/database.ts';
import { basisOf } from './find-sale.ts';
import type { ReadSale } from './read-sale.ts';

/** One return of a sale with what its till told of it. */
export interface CountedReturn {
  readonly tillId: string;
  readonly undone: Undone;
  readonly facts: Pick<EntryFacts, 'before' | 'bought' | 'ruleUses' | 'orders'>;
}

/** What the chain counts of a sale and its returns. */
interface Counts {
  readonly uses: readonly EntryFacts['ruleUses'][number][];
  readonly orders: number;
}

export interface SettledReturns {
  /** Paid and taken back by all returns of the sale, beside what was due for their units. */
  readonly figures: {
    readonly paidMinor: number;
    readonly dueMinor: number;
    readonly pointsTaken: number;
    readonly pointsDue: number;
    readonly pointsGiven: number;
    readonly pointsGivenDue: number;
  };
  /** All was as it should be: nobody has to look at it. */
  readonly isEven: boolean;
  /** To be added to the counters of the chain. */
  readonly uses: EntryFacts['ruleUses'];
  /** To be added to the completed orders of the member. */
  readonly orders: number;
}

/** Whether more units were back than the till of the return knew. Older returns do not say what it knew. */
export function isOverlap(
  sale: Pick<ReadSale, 'evaluation'> | undefined,
  earlier: readonly CountedReturn[],
  { facts: { before } }: CountedReturn,
): boolean {
  if (before === undefined) return false;
  const units = addUnits(...earlier.map(({ undone }) => undone.units));
  return Object.entries(units).some(([lineId, count]) => {
    const line = sale?.evaluation.lines.find((one) => one.lineId === lineId);
    return Math.min(count, line?.qty ?? count) > (ownValue(before, lineId) ?? 0);
  });
}

/**
 * Settles a sale of which tills took goods back without knowing of each other: what all its returns should have come to
 * is what one return of all their units comes to.
 * @param earlier in the order in which they came in
 */
export async function settleReturns(
  tx: HqSession,
  rules: PublishedRules,
  sale: ReadSale,
  earlier: readonly CountedReturn[],
  more: CountedReturn,
): Promise<SettledReturns> {
  const basis = await basisOf(tx, rules, sale);
  const all = [...earlier, more];
  const { lines } = sale.evaluation;
  const target = targetOf(basis, sale, all);
  const had = add(countsSoFar(basis, sale, earlier), more);
  const should = countsOf(sale, all, target);
  const sumOf = (key: 'payableMinor' | 'pointsEarned' | 'pointsSpent') =>
    lines.reduce((sum, line) => sum + line[key], 0);
  const figures = {
    paidMinor: all.reduce((sum, { undone }) => sum + undone.refundMinor, 0),
    dueMinor: Math.max(0, sumOf('payableMinor') - target.payableMinor),
    pointsTaken: all.reduce((sum, { undone }) => sum + pointsOf(undone.earned), 0),
    pointsDue: Math.max(0, sumOf('pointsEarned') - pointsOf(target.earned)),
    pointsGiven: all.reduce((sum, { undone }) => sum + pointsOf(undone.spent), 0),
    pointsGivenDue: Math.max(0, sumOf('pointsSpent') - pointsOf(target.spent)),
  };
  return {
    figures,
    isEven:
      figures.paidMinor === figures.dueMinor &&
      figures.pointsTaken === figures.pointsDue &&
      figures.pointsGiven === figures.pointsGivenDue &&
      sale.evaluation.gifts.length === 0,
    uses: difference(should.uses, had.uses),
    orders: should.orders - had.orders,
  };
}

/** What the chain counts after some returns: where one of them overlapped, it was put right then. */
function countsSoFar(
  basis: ReturnBasis,
  sale: ReadSale,
  returns: readonly CountedReturn[],
): Counts {
  let counts: Counts = { uses: sale.facts.ruleUses, orders: 0 };
  for (const [index, one] of returns.entries()) {
    const earlier = returns.slice(0, index);
    const all = returns.slice(0, index + 1);
    counts =
      isOverlap(sale, earlier, one) || isBeyond(sale, all)
        ? countsOf(sale, all, targetOf(basis, sale, all))
        : add(counts, one);
  }
  return counts;
}

function add(counts: Counts, { facts }: CountedReturn): Counts {
  return { uses: [...counts.uses, ...facts.ruleUses], orders: counts.orders + facts.orders };
}

function targetOf(
  basis: ReturnBasis,
  { evaluation, facts }: ReadSale,
  returns: readonly CountedReturn[],
): KeptTarget {
  const taken = facts.ruleUses.map(
    ({ ruleId, uses, budgetId, amountMinor }): CountedUse => ({
      ruleId,
      counted: uses > 0,
      budgetId,
      amountMinor,
    }),
  );
  const units = addUnits(...returns.map(({ undone }) => undone.units));
  const within = evaluation.lines.map(({ lineId, qty }) => ({
    [lineId]: Math.min(qty, units[lineId] ?? 0),
  }));
  return keptTarget(basis, evaluation, addUnits(...within), taken);
}

function countsOf(sale: ReadSale, returns: readonly CountedReturn[], target: KeptTarget): Counts {
  const units = addUnits(...returns.map(({ undone }) => undone.units));
  const isWhole = sale.evaluation.lines.every(({ lineId, qty }) => (units[lineId] ?? 0) >= qty);
  const day = sale.header.businessDay;
  return {
    uses: target.uses.map(({ ruleId, counted, budgetId, amountMinor }) => ({
      ruleId,
      day,
      uses: counted ? 1 : 0,
      budgetId,
      amountMinor,
    })),
    orders: isWhole ? -1 : 0,
  };
}

/** The last of some returns took back units beyond those bought. */
function isBeyond({ evaluation }: ReadSale, returns: readonly CountedReturn[]): boolean {
  const units = addUnits(...returns.map(({ undone }) => undone.units));
  const last = returns.at(-1)?.undone.units ?? {};
  return evaluation.lines.some(
    ({ lineId, qty }) => ownValue(last, lineId) !== undefined && (units[lineId] ?? 0) > qty,
  );
}

function difference(should: Counts['uses'], had: Counts['uses']): EntryFacts['ruleUses'] {
  const sums = new Map<string, EntryFacts['ruleUses'][number]>();
  const put = (use: EntryFacts['ruleUses'][number], sign: 1 | -1): void => {
    const key = `${use.ruleId}\n${use.budgetId ?? ''}\n${use.day}`;
    const sum = sums.get(key) ?? { ...use, uses: 0, amountMinor: 0 };
    sums.set(key, {
      ...sum,
      uses: sum.uses + sign * use.uses,
      amountMinor: sum.amountMinor + sign * use.amountMinor,
    });
  };
  for (const use of should) put(use, 1);
  for (const use of had) put(use, -1);
  return [...sums.values()].filter(({ uses, amountMinor }) => uses !== 0 || amountMinor !== 0);
}
