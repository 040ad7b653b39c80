import { BUCKETS } from './tree-shape.ts';

/** More than this share of a table's rows is large drift: a copy brings what is lacking, and nothing is deleted unasked ... */
export const DRIFT_LARGE_SHARE = 0.01;
/** ... unless no more rows than this differ: small tables are put right whatever the share. */
export const DRIFT_SMALL_ROWS = 200;
/** Room for rows that differ only since they changed while a table is compared. */
export const LISTED_ROOM_ROWS = 16_384;

/** Rows that are listed by digest, at most, however large their table: the till matches them in memory. */
export const LISTED_MAX_ROWS = 262_144;

/** Rows of a table with so many may be lacking before they are no longer put right one by one, and as many may be extra. */
export function driftMaxRows(rows: number): number {
  return Math.max(DRIFT_SMALL_ROWS, Math.floor(rows * DRIFT_LARGE_SHARE));
}

/**
 * Rows of a table with so many that are listed by digest, at most: as many as lie in the buckets of {@link driftMaxRows}
 * rows, `rows / BUCKETS` beside each of them, and room. What needs a longer list is large drift.
 */
export function listedMaxRows(rows: number): number {
  const beside = Math.ceil(driftMaxRows(rows) * (1 + rows / BUCKETS));
  return Math.min(LISTED_MAX_ROWS, beside + LISTED_ROOM_ROWS);
}
