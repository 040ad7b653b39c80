import { createContext, useContext } from 'react';
import type { HqReply } from '../../sync/protocol/hq-api.ts';

/** How often HQ's figures are read, in milliseconds; they count whole tables. */
export const OVERVIEW_POLL_MS = 3_000;

/** What HQ last said of itself: read once for the frame and all pages; null before the first answer. */
export const OverviewContext = createContext<HqReply<'overview'> | null>(null);

/** HQ's figures, followed. */
export function useOverview(): HqReply<'overview'> | null {
  return useContext(OverviewContext);
}
