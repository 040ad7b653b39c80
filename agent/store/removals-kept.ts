import { TOMBSTONES_KEPT_DAYS } from '../../sync/protocol/feed.ts';

/** A removed row's version matters at a till for so long, in days: what headquarters keeps it for, and two weeks more. */
export const REMOVALS_KEPT_DAYS = TOMBSTONES_KEPT_DAYS + 14;
