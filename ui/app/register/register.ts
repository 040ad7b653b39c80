import type { Article, BasketId, LineId } from '../../../agent/contract/index.ts';
import type { Observable } from '../../kit/observable.ts';
import type { ReturnDesk } from '../returns/return-desk.ts';
import type { Exchange, PaymentMeans, RegisterView } from './register-view.ts';

/** The demo register: a POS program that knows nothing of the till but the public POS API. */
export interface Register extends Observable<RegisterView> {
  /** Articles by name, SKU or barcode; throws when the till does not answer. */
  search(query: string, limit: number): Promise<readonly Article[]>;
  ring(article: Article): void;
  quantity(lineId: LineId, qty: number): void;
  coupon(code: string): void;
  dropCoupon(code: string): void;
  points(pointsToSpend: number): void;
  /** Puts the ticket aside and begins another. */
  park(): void;
  resume(basketId: BasketId): void;
  /** Begins the next sale. */
  next(): void;
  /** Handles a code that this register read with a scanner of its own. */
  scanned(text: string): Promise<void>;
  /** Reserves the benefits and opens the payment. */
  pay(): Promise<void>;
  /** Books the paid sale; throws when the till refuses. */
  commit(means: PaymentMeans): Promise<void>;
  /** Gives the reserved benefits back; throws when the till refuses. */
  giveUp(reason: string): Promise<void>;
  /** Where goods of earlier sales come back. */
  readonly desk: ReturnDesk;
  /** Books the goods that come back together with the next payment; null = the ticket is an ordinary sale again. */
  exchangeFor(exchange: Exchange | null): void;
  close(): void;
}
