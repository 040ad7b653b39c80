import type { Article, BasketId, LineId, ReturnId, SaleId } from '../../../agent/contract/index.ts';
import type { Observable } from '../../kit/observable.ts';
import type { PaymentMeans, RegisterView } from './register-view.ts';

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
  /**
   * Takes goods of a booked sale back; answers the refund in minor units. Throws when the till refuses.
   * @param returnId chosen once for each return, so that a repeated request refunds nothing twice
   */
  takeBack(
    returnId: ReturnId,
    saleId: SaleId,
    lines: readonly { lineId: LineId; qty: number }[],
    reason: string,
  ): Promise<number>;
  close(): void;
}
