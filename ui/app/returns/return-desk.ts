import { createContext, useContext } from 'react';
import type {
  EntryReply,
  ReturnQuote,
  ReturnQuoteRequest,
  ReturnRequest,
  SoldSale,
  Text,
} from '../../../agent/contract/index.ts';
import { assert } from '../../../agent/contract/result.ts';
import type { Format } from '../../kit/format.ts';

/** A sale as a list offers it. */
export interface RecentSale {
  readonly saleId: string;
  /** The receipt's number. */
  readonly referenceId: string;
  readonly at: string;
  readonly payableMinor: number;
  /** Absent for guests, and where the list does not say. */
  readonly maskedName?: string | undefined;
}

/** Where goods come back: what the return flow asks of the program around it. Calls throw when the till refuses. */
export interface ReturnDesk {
  /** Latest sales, newest first. */
  recent(): Promise<readonly RecentSale[]>;
  /** Sales of this till by the number on their receipt, newest first. */
  byReceipt(referenceId: string): Promise<readonly RecentSale[]>;
  sale(id: string): Promise<SoldSale>;
  quote(request: ReturnQuoteRequest): Promise<ReturnQuote>;
  takeBack(request: ReturnRequest): Promise<EntryReply>;
  /** Names of articles by SKU; one that nobody knows is missing. */
  names(skus: readonly string[]): Promise<ReadonlyMap<string, Text>>;
}

/** A desk and how its reader writes figures. */
export interface ReturnDeskUse {
  readonly desk: ReturnDesk;
  readonly format: Format;
  /** The till's own, ISO 4217. */
  readonly currency: string;
}

export const ReturnDeskContext = createContext<ReturnDeskUse | null>(null);

/** The desk of this return flow. */
export function useReturnDesk(): ReturnDeskUse {
  const use = useContext(ReturnDeskContext);
  assert(use !== null, 'a return is shown inside ReturnDeskContext');
  return use;
}
