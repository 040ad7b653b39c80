import type { Cursor } from '../../protocol/feed.ts';
import type { AskCheck, Asked } from './ask-check.ts';
import type { TreeParts } from './table-tree.ts';

/** Between so many rows whatever waits runs: a till sells while it compares. */
export const YIELD_EVERY_ROWS = 4_096;

/** What a walk has cost so far: questions, and bytes both ways without the rows themselves. */
export interface Tally {
  roundTrips: number;
  bytes: number;
}

export interface WalkParts extends TreeParts {
  readonly ask: AskCheck;
  /** Under which headquarters digests rows: `DIGEST_KEY_BYTES` bytes. */
  readonly digestKey: Uint8Array;
  /** The till's place in the feed. */
  readonly cursor: () => Cursor;
  readonly tally: Tally;
  readonly onRows?: (rows: number) => void;
}

/** Counts a question and its answer. @param rowsBytes of the rows in it, which do not count */
export function count(tally: Tally, asked: Omit<Asked<'roots'>, 'reply'>, rowsBytes = 0): void {
  tally.roundTrips += 1;
  tally.bytes += asked.sentBytes + asked.receivedBytes - rowsBytes;
}
