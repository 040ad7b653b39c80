import type { Cursor } from '../../protocol/feed.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { TIMELINE } from '../migrate.ts';

/** What a cursor is judged by, read beside the answer: `$2` is its position. */
export const PLACE_SQL = `
  SELECT (SELECT value FROM hq_meta WHERE name = '${TIMELINE}') AS timeline, h.floor_pos AS "floorPos",
    (SELECT chain FROM feed_marks WHERE pos = $2) AS "knownChain"
  FROM feed_head h`;

export interface PlaceLine {
  readonly timeline: string;
  readonly floorPos: number;
  readonly knownChain: string | null;
}

/** Why a cursor is none of this feed, as `readPage` says it; `undefined` = it is. */
export function cursorRefusal(cursor: Cursor, place: PlaceLine): HqFailure | undefined {
  if (cursor.timeline !== place.timeline) return hqFailure('cursor-unknown');
  if (cursor.pos < place.floorPos) return hqFailure('cursor-too-old');
  return cursor.chain === place.knownChain ? undefined : hqFailure('cursor-unknown');
}
