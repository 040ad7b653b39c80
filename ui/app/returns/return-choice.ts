import type {
  LineId,
  ReturnId,
  ReturnQuoteRequest,
  ReturnRequest,
  SoldSale,
} from '../../../agent/contract/index.ts';
import type { FoundBy } from './find-sale.ts';

/** What comes back of a sale, as the person at the counter has chosen it. Values only. */
export interface ReturnChoice {
  readonly sale: SoldSale;
  /** Absent = picked from a list. */
  readonly foundBy?: FoundBy | undefined;
  /** Units by line. */
  readonly units: ReadonlyMap<LineId, number>;
  /** Pieces of gifts that the shopper brought, by SKU. */
  readonly gifts: ReadonlyMap<string, number>;
  readonly reason: string;
}

/** One attempt at a return: it keeps its names, so that a repeated request books nothing twice. */
export interface ReturnAttempt {
  readonly returnId: ReturnId;
  readonly referenceId: string;
}

export function emptyChoice(sale: SoldSale, foundBy?: FoundBy): ReturnChoice {
  return { sale, foundBy, units: new Map(), gifts: new Map(), reason: '' };
}

/** Sets the units of a line that come back, within what is left of it. Gifts are counted afresh for other goods. */
export function withUnits(choice: ReturnChoice, lineId: LineId, units: number): ReturnChoice {
  const left = choice.sale.lines.find((line) => line.lineId === lineId)?.unitsLeft ?? 0;
  const within = Math.max(0, Math.min(left, Math.trunc(units)));
  return { ...choice, units: new Map(choice.units).set(lineId, within), gifts: new Map() };
}

/** All that is left of the sale comes back. */
export function withEverything(choice: ReturnChoice): ReturnChoice {
  const units = new Map(choice.sale.lines.map(({ lineId, unitsLeft }) => [lineId, unitsLeft]));
  return { ...choice, units, gifts: new Map() };
}

export function withGift(choice: ReturnChoice, sku: string, pieces: number): ReturnChoice {
  return { ...choice, gifts: new Map(choice.gifts).set(sku, pieces) };
}

/** Whether anything comes back and it is said why. */
export function isComplete({ units, reason }: ReturnChoice): boolean {
  return reason.trim() !== '' && [...units.values()].some((each) => each > 0);
}

export function toQuoteRequest({ sale, units, gifts }: ReturnChoice): ReturnQuoteRequest {
  const lines = [...units].filter(([, qty]) => qty > 0).map(([lineId, qty]) => ({ lineId, qty }));
  const brought = [...gifts].filter(([, qty]) => qty > 0).map(([sku, qty]) => ({ sku, qty }));
  return { saleId: sale.saleId, lines, ...(brought.length === 0 ? {} : { gifts: brought }) };
}

/** @param quoteHash of the quote that the shopper was told */
export function toReturnRequest(
  choice: ReturnChoice,
  { returnId, referenceId }: ReturnAttempt,
  quoteHash: string,
): ReturnRequest {
  return {
    ...toQuoteRequest(choice),
    returnId,
    referenceId,
    quoteHash,
    reason: choice.reason.trim(),
  };
}
