import type { EvaluationLine } from '../../../contract/evaluation-input.ts';
import type { MemberFacts } from '../../../contract/evaluation-input.ts';
import type { Failure } from '../condition/explain-term.ts';
import type { Rounding } from '../amounts/share-of.ts';
import { sum } from '../amounts/spread.ts';

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
  /** Points that the member asked to spend and may spend; null where their holder cannot be asked. */
  readonly pointsRequested: number;
  readonly pointsAvailable: number | null;
}

/** What an effect would take: one amount for each target line of the view. */
export interface Proposal {
  readonly amounts: readonly number[];
  readonly totalMinor: number;
  readonly pointsSpent: number;
  /** Why it takes nothing, where it knows better than `no-effect`. */
  readonly failure?: Failure;
}

export type MoneyEffect = (view: EffectView) => Proposal;

/** A proposal of line amounts, each cut to its room. */
export function cutToRoom(amounts: readonly number[], room: readonly number[]): Proposal {
  const cut = amounts.map((amount, index) => Math.min(amount, room[index] ?? 0));
  return { amounts: cut, totalMinor: sum(cut), pointsSpent: 0 };
}

/** A proposal that takes nothing, and why. */
export function nothing(failure: Failure): Proposal {
  return { amounts: [], totalMinor: 0, pointsSpent: 0, failure };
}
