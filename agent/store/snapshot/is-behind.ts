import type { Cursor } from '../../../sync/protocol/feed.ts';

/** Whether a snapshot was begun behind the till's place in the feed: the till knows more. */
export function isBehind(start: Cursor, own: Cursor | undefined): boolean {
  return own !== undefined && own.timeline === start.timeline && start.pos < own.pos;
}
