import type {
  EntryReply,
  EvaluateReply,
  ExchangeReply,
  HoldReply,
  ReturnRequest,
  Status,
  Text,
} from '../../../agent/contract/index.ts';
import type { Problem } from '../kit/problem.ts';
import type { RecentSale } from '../returns/return-desk.ts';
import type { Ticket } from './ticket.ts';

/** How the shopper pays at this register. */
export const PAYMENT_MEANS = ['cash', 'card', 'wallet'] as const;
export type PaymentMeans = (typeof PAYMENT_MEANS)[number];

/** A sale between hold and commit. */
export interface Payment {
  readonly hold: HoldReply;
  readonly basketHash: string;
  /** One key for the whole payment, so that a repeated commit books nothing twice. */
  readonly commitKey: string;
  readonly voidKey: string;
  readonly referenceId: string;
  /** When it was paid, from the first attempt to book it on: a repeated commit says the same. */
  readonly paidAt?: string;
}

/** A booked sale of this page. */
export interface DoneSale {
  readonly reply: EntryReply;
  /** The receipt's number. */
  readonly referenceId: string;
}

/** A booked sale as the desk of returns lists it. */
export function asRecent({
  reply: { saleId, at, payableMinor },
  referenceId,
}: DoneSale): RecentSale {
  return { saleId, at, payableMinor, referenceId };
}

/** Goods that come back in exchange for those of the ticket. */
export interface Exchange {
  readonly request: ReturnRequest;
  /** What was offered for them, in minor units. */
  readonly refundMinor: number;
}

/** Something that the scanner brought, in one line. */
export type ScanNote =
  | { readonly kind: 'payment'; readonly last4: string | undefined }
  | { readonly kind: 'coupon'; readonly code: string }
  | { readonly kind: 'unknown-article'; readonly code: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'rung'; readonly name: Text };

export interface RegisterView {
  readonly status: Status | null;
  readonly ticket: Ticket;
  readonly parked: readonly Ticket[];
  /** The latest figures of the ticket. */
  readonly reply: EvaluateReply | null;
  /** The ticket changed since `reply`. */
  readonly outdated: boolean;
  readonly payment: Payment | null;
  /** The booked sale that is on show until the next one begins. */
  readonly receipt: EntryReply | null;
  /** Set while the ticket is bought in exchange for goods that come back. */
  readonly exchange: Exchange | null;
  /** The exchange that `receipt` was booked with. */
  readonly exchanged: ExchangeReply | null;
  /** Booked sales of this page, newest first. */
  readonly done: readonly DoneSale[];
  readonly note: ScanNote | null;
  /** The event stream is open. */
  readonly live: boolean;
  readonly problem: Problem | null;
  /** The till no longer takes the token: pair again. */
  readonly unpaired: boolean;
}
