import type { EvaluatedLine, Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { BASE_BUCKET } from '../../contract/member.ts';
import { assert } from '../../contract/result.ts';
import type { Rule } from '../../contract/rules.ts';
import type { PointsByBucket } from '../points/undo-by-bucket.ts';
import { shareOf } from './amounts/share-of.ts';
import { evaluate } from './evaluate.ts';
import { ownValue } from './own-value.ts';
import type { ReturnBasis, SoldGoods } from './return-basis.ts';
import { shareSoFar, sumByBucket, type UnitsByLine } from './return-share.ts';

/** One applied rule that counts its uses or draws on campaign money. */
export interface CountedUse {
  readonly ruleId: string;
  readonly counted: boolean;
  readonly budgetId: string | null;
  /** Minor units; 0 without a budget. */
  readonly amountMinor: number;
}

/** Pieces of one gift. */
export interface GiftPieces {
  readonly ruleId: string;
  readonly sku: string;
  readonly qty: number;
}

/** What a sale comes to for the goods that the shopper keeps. */
export interface KeptTarget {
  readonly mode: 'keep' | 'recompute';
  readonly payableMinor: number;
  /** Points that stay earned and stay spent, by category. */
  readonly earned: PointsByBucket;
  readonly spent: PointsByBucket;
  /** Gifts that stay the shopper's, in the order of the sale. */
  readonly gifts: readonly GiftPieces[];
  readonly uses: readonly CountedUse[];
  /** Discount that the kept goods lose, by rule that asked to be computed again. */
  readonly lost: readonly { readonly ruleId: string; readonly amountMinor: number }[];
}

/**
 * What the kept goods cost and hold once so many units came back. By rule: a benefit that is kept stays with each unit
 * as it was shared out; where a rule that applied asks to be computed again, the kept goods are evaluated under the rules
 * and facts of their day. Then too, what rules of the first kind gave is never taken back: the kept goods cost at most
 * their list price less those shares.
 * @param units that came back over all returns, within the sale
 * @param taken uses and campaign money of the whole sale
 */
export function keptTarget(
  basis: ReturnBasis,
  sold: SoldGoods,
  units: UnitsByLine,
  taken: readonly CountedUse[],
): KeptTarget {
  const stays = kept(basis, sold, units, taken);
  const { recompute } = basis;
  if (recompute === undefined) return stays;
  const input = keptInput(recompute.input, units, stays.spent);
  if (input.lines.length === 0) return { ...stays, mode: 'recompute' };
  const done = evaluate(recompute.compiled, input, { detail: 'decision' });
  assert(done.ok, 'a part of a basket can be evaluated');
  const again = done.value;
  const { rules } = recompute;
  const rulesById = new Map(recompute.compiled.rules.map(({ rule }) => [rule.id as string, rule]));
  const ofLane = (ruleId: string): Rule['lane'] | undefined => rulesById.get(ruleId)?.lane;
  const mostMinor = sold.lines.reduce(
    (sum, line) =>
      sum +
      listLeft(line, units) -
      keptDiscount(line, units, (id) => !rules.has(id) && ofLane(id) !== 'points-spend'),
    -again.points.spentMinor,
  );
  const earned = sumByBucket(again.points.lots.map((lot) => ({ [lot.bucket]: lot.points })));
  const earnsAgain = [...rules].some((id) => ofLane(id) === 'points-earn');
  return {
    mode: 'recompute',
    payableMinor: Math.min(again.payableMinor, mostMinor),
    earned: earnsAgain ? earned : larger(earned, stays.earned),
    spent: again.points.spentByBucket ?? nothingZero(again.points.spent),
    gifts: stays.gifts.map((gift) =>
      rules.has(gift.ruleId) ? giftAgain(gift, sold, again) : gift,
    ),
    uses: usesAgain(stays.uses, taken, again, rules, rulesById),
    lost: lostOf(sold, units, again, rules),
  };
}

function kept(
  { giftLines }: ReturnBasis,
  sold: SoldGoods,
  units: UnitsByLine,
  taken: readonly CountedUse[],
): KeptTarget {
  const back = shareSoFar(sold, units);
  const whole = shareSoFar(sold, allUnits(sold));
  const isWhole = sold.lines.every((line) => returnedOf(line, units) === line.qty);
  return {
    mode: 'keep',
    payableMinor: whole.refundMinor - back.refundMinor,
    earned: less(whole.earned, back.earned),
    spent: less(whole.spent, back.spent),
    gifts: sold.gifts.map(({ ruleId, sku, qty }) => ({
      ruleId,
      sku,
      qty: qty - giftBack(qty, giftLines.get(ruleId), sold, units),
    })),
    uses: isWhole
      ? []
      : taken.map((use) => ({
          ...use,
          amountMinor: use.budgetId === null ? 0 : use.amountMinor - returnedPart(sold, units, use),
        })),
    lost: [],
  };
}

/** Due back by cumulative share of the units that earned the gift; with the last of them all of it. */
function giftBack(
  qty: number,
  lines: ReadonlySet<string> | undefined,
  sold: SoldGoods,
  units: UnitsByLine,
): number {
  const earning = sold.lines.filter(({ lineId }) => lines === undefined || lines.has(lineId));
  const all = earning.reduce((sum, line) => sum + line.qty, 0);
  const back = earning.reduce((sum, line) => sum + returnedOf(line, units), 0);
  return all === 0 ? 0 : shareOf(qty, back, all, 'down');
}

/** The basket of the sale without what came back; of points it may spend those that are not given back. */
function keptInput(
  input: EvaluationInput,
  units: UnitsByLine,
  spent: PointsByBucket,
): EvaluationInput {
  const { [BASE_BUCKET]: base = 0, ...others } = spent;
  return {
    ...input,
    lines: input.lines.flatMap((line) => {
      const qty = line.qty - (ownValue(units, line.lineId) ?? 0);
      return qty > 0 ? [{ ...line, qty }] : [];
    }),
    allowances: { ...input.allowances, points: { reachable: true, available: base } },
    member: input.member === null ? null : { ...input.member, pointsByBucket: others },
  };
}

function giftAgain(gift: GiftPieces, sold: SoldGoods, again: Evaluation): GiftPieces {
  const count = (gifts: Evaluation['gifts']): number =>
    gifts.reduce(
      (sum, one) => (one.ruleId === gift.ruleId && one.sku === gift.sku ? sum + one.qty : sum),
      0,
    );
  return { ...gift, qty: Math.min(count(sold.gifts), count(again.gifts)) };
}

function usesAgain(
  stay: readonly CountedUse[],
  taken: readonly CountedUse[],
  again: Evaluation,
  rules: ReadonlySet<string>,
  rulesById: ReadonlyMap<string, Rule>,
): CountedUse[] {
  const known = new Set(taken.map(({ ruleId }) => ruleId));
  const applied = again.outcomes.flatMap(({ ruleId, discountMinor }): CountedUse[] => {
    const { limits = [], budget } = rulesById.get(ruleId) ?? {};
    if (limits.length === 0 && budget === undefined) return [];
    if (known.has(ruleId) && !rules.has(ruleId)) return [];
    return [
      {
        ruleId,
        counted: limits.length > 0,
        budgetId: budget?.id ?? null,
        amountMinor: budget === undefined ? 0 : discountMinor + donatedBy(again, ruleId),
      },
    ];
  });
  return [...stay.filter(({ ruleId }) => !rules.has(ruleId)), ...applied];
}

function donatedBy({ donations = [] }: Evaluation, ruleId: string): number {
  return donations.reduce((sum, one) => (one.ruleId === ruleId ? sum + one.amountMinor : sum), 0);
}

function lostOf(
  sold: SoldGoods,
  units: UnitsByLine,
  again: Evaluation,
  rules: ReadonlySet<string>,
): KeptTarget['lost'] {
  return [...rules].flatMap((ruleId) => {
    const isOne = (id: string): boolean => id === ruleId;
    const had = sold.lines.reduce((sum, line) => sum + keptDiscount(line, units, isOne), 0);
    const has = again.lines.reduce((sum, line) => sum + discountBy(line, isOne), 0);
    return had > has ? [{ ruleId, amountMinor: had - has }] : [];
  });
}

function returnedOf({ lineId }: EvaluatedLine, units: UnitsByLine): number {
  return ownValue(units, lineId) ?? 0;
}

function listLeft(line: EvaluatedLine, units: UnitsByLine): number {
  return (line.listMinor / line.qty) * (line.qty - returnedOf(line, units));
}

function discountBy({ discounts }: EvaluatedLine, fits: (ruleId: string) => boolean): number {
  return discounts.reduce((sum, one) => (fits(one.ruleId) ? sum + one.discountMinor : sum), 0);
}

/** What rules took off the units of a line that stay, by cumulative floor of those that came back. */
function keptDiscount(
  line: EvaluatedLine,
  units: UnitsByLine,
  fits: (ruleId: string) => boolean,
): number {
  const whole = discountBy(line, fits);
  return whole - shareOf(whole, returnedOf(line, units), line.qty, 'down');
}

/**
 * What one rule gave for the units that came back, line by line. What it took off is told by rule, what it donated is not:
 * where several rules gave, all of it stays until the last unit.
 */
function returnedPart({ lines }: SoldGoods, units: UnitsByLine, use: CountedUse): number {
  const taken = (line: EvaluatedLine): number => discountBy(line, (id) => id === use.ruleId);
  const tookOff = lines.some((line) => taken(line) > 0);
  const gave = (line: EvaluatedLine): number => (tookOff ? taken(line) : (line.donatedMinor ?? 0));
  if (lines.reduce((sum, line) => sum + gave(line), 0) !== use.amountMinor) return 0;
  return lines.reduce(
    (sum, line) => sum + shareOf(gave(line), returnedOf(line, units), line.qty, 'down'),
    0,
  );
}

function allUnits({ lines }: SoldGoods): UnitsByLine {
  return Object.fromEntries(lines.map(({ lineId, qty }) => [lineId, qty]));
}

/** Category by category, never below zero. */
function less(whole: PointsByBucket, part: PointsByBucket): PointsByBucket {
  return sumByBucket(
    Object.entries(whole).map(([bucket, points]) => ({
      [bucket]: points - (ownValue(part, bucket) ?? 0),
    })),
  );
}

function larger(a: PointsByBucket, b: PointsByBucket): PointsByBucket {
  const buckets = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return sumByBucket(
    buckets.map((bucket) => ({
      [bucket]: Math.max(ownValue(a, bucket) ?? 0, ownValue(b, bucket) ?? 0),
    })),
  );
}

function nothingZero(points: number): PointsByBucket {
  return points === 0 ? {} : { [BASE_BUCKET]: points };
}
