import type { EvaluationId, MemberId, Result } from '../../agent/contract/index.ts';

/** How long a till waits for an allowance holder before it goes on without, in milliseconds. */
export const ALLOWANCE_DEADLINE_MS = 300;

/** Asks for points or a scarce benefit before they are spent. */
export interface AllowanceRequest {
  /** Chosen by the till; the same id twice reserves once. */
  readonly allowanceId: string;
  readonly memberId: MemberId | null;
  readonly evaluationId: EvaluationId;
  /** A held evaluation of the same basket that ends when this one is held: what it reserved counts as free for this one. */
  readonly replaces?: EvaluationId;
  /** Points to spend, or one coupon to use. */
  readonly what:
    | { readonly kind: 'points'; readonly points: number }
    | { readonly kind: 'coupon'; readonly code: string };
  /** The holder may give the reservation back to others after this instant. */
  readonly holdUntilMs: number;
}

export type AllowanceRefusal =
  /** No holder answered within the deadline. */
  | { readonly code: 'allowance-unreachable' }
  /** The holder says no: spent elsewhere, used, or not enough. */
  | { readonly code: 'allowance-refused'; readonly available?: number };

/**
 * Who may say that points or a scarce benefit can be spent, so that no partition, crash or clock overdraws them.
 * Holders: headquarters, later leases in the store, or this till itself where it is the only one of its chain.
 */
export interface AllowancePort {
  /** Whether a holder can be asked, as far as is known without waiting. */
  reachable(): boolean;
  /** What this holder would grant for points, as far as is known without waiting. */
  availablePoints(memberId: MemberId): number;
  /** What is known of a single-use coupon without waiting. */
  couponState(code: string): 'free' | 'reserved' | 'used' | 'unknown';
  /** Never rejects; answers within {@link ALLOWANCE_DEADLINE_MS}. */
  reserve(
    request: AllowanceRequest,
  ): Promise<Result<{ readonly allowanceId: string }, AllowanceRefusal>>;
  /** The reserved thing was spent. Repeatable; delivered later when the holder cannot be reached. */
  settle(allowanceId: string): void;
  /** The reserved thing was not spent. Repeatable; delivered later when the holder cannot be reached. */
  release(allowanceId: string): void;
}

/** What the till knows of its connection to headquarters. */
export interface HeadquartersPort {
  state(): { readonly state: 'not-configured' | 'online' | 'offline'; readonly sinceMs: number };
  readonly allowance: AllowancePort;
}
