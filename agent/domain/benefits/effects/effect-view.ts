import type { EvaluationLine, MemberFacts } from '../../../contract/evaluation-input.ts';
import type { Rounding } from '../amounts/share-of.ts';
import { sum } from '../amounts/spread.ts';
import type { Failure } from '../condition/explain-term.ts';

/** What a money effect sees: its target lines, in basket order, at the amounts its step started with. */
export interface EffectView {
  /** The target lines; the arrays below run in parallel to it. */
  readonly lines: readonly EvaluationLine[];
  /** What the effect computes from, by the rule's `base`. */
  readonly base: readonly number[];
  /** What earlier steps left, by which order-level amounts are spread. */
  readonly running: readonly number[];
  /** The most that may still be taken off each line. */
  readonly room: readonly number[];
  readonly rounding: Rounding;
  readonly member: MemberFacts | null;
  /** Face value of the voucher that the rule takes, in minor units; absent = it takes none. */
  readonly voucherMinor?: number;
  /**
   * Points that the member still asks to spend, of whatever category, and may spend of the rule's category; null where
   * their holder cannot be asked.
   */
  readonly pointsRequested: number;
  readonly pointsAvailable: number | null;
}

/** What an effect would take. */
export interface Proposal {
  /** One amount for each target line; null = an amount for all of them together, spread only when it applies. */
  readonly amounts: readonly number[] | null;
  readonly totalMinor: number;
  readonly pointsSpent: number;
  /** Why it takes nothing, where it knows better than `no-effect`. */
  readonly failure?: Failure;
}

export type MoneyEffect = (view: EffectView) => Proposal;

/** A proposal of line amounts, each cut to its room. The list is changed in place. */
export function cutToRoom(amounts: number[], room: readonly number[]): Proposal {
  let totalMinor = 0;
  for (let index = 0; index < amounts.length; index += 1) {
    const amount = Math.min(amounts[index] ?? 0, room[index] ?? 0);
    amounts[index] = amount;
    totalMinor += amount;
  }
  return { amounts, totalMinor, pointsSpent: 0 };
}

/** A proposal for the target lines together, cut to their room. */
export function togetherOff(view: EffectView, amountMinor: number): Proposal {
  return { amounts: null, totalMinor: Math.min(amountMinor, sum(view.room)), pointsSpent: 0 };
}

/** A proposal that takes nothing, and why. */
export function nothing(failure: Failure): Proposal {
  return { amounts: null, totalMinor: 0, pointsSpent: 0, failure };
}

/** Why a deal by count takes nothing yet. */
export function missingUnits(seen: number, needed: number): Failure {
  return {
    code: 'no-effect',
    seen: String(seen),
    needed: String(needed),
    difference: needed - seen,
  };
}
