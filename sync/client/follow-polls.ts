import type { Result } from '../../agent/contract/result.ts';
import { type Cursor, LONG_POLL_MS, type PollReply } from '../protocol/feed.ts';
import type { CallFailure } from './call-failure.ts';
import type { SyncClock } from './deps.ts';
import { endOfFailure, type FollowEnd } from './follow-end.ts';
import type { Pause } from './pause.ts';
import type { PageTaker } from './take-page.ts';
import { PROMOTE_AFTER_MS } from './transport-mode.ts';

/** Time between two short polls that brought nothing, in milliseconds. */
export const POLL_EVERY_MS = 2_000;

export interface PollParts {
  /** Asks for a page; HQ may wait `waitMs` for one. */
  readonly poll: (
    from: Cursor,
    waitMs: number,
    signal: AbortSignal,
  ) => Promise<Result<PollReply, CallFailure>>;
  readonly pages: PageTaker;
  readonly pause: Pause;
  readonly clock: SyncClock;
  readonly onFrame: () => void;
  readonly onHead: (head: Cursor, at: string) => void;
}

/** Follows the feed by asking again and again, until it is time to try the stream. */
export async function followPolls(
  mode: 'long-poll' | 'poll',
  { poll, pages, pause, clock, onFrame, onHead }: PollParts,
  signal: AbortSignal,
): Promise<FollowEnd> {
  const sinceMs = clock.monoMs();
  while (clock.monoMs() - sinceMs < PROMOTE_AFTER_MS) {
    const reply = await poll(pages.cursor(), mode === 'long-poll' ? LONG_POLL_MS : 0, signal);
    if (signal.aborted) return { code: 'failed', failure: { code: 'cancelled' } };
    if (!reply.ok) return endOfFailure(reply.error);
    const { page, head, at } = reply.value;
    onFrame();
    onHead(head, at);
    if (page !== null) {
      const before = pages.cursor().pos;
      const end = await pages.take(page, signal);
      if (end !== null) return end;
      if (pages.cursor().pos > before) continue;
    } else if (head.timeline !== pages.cursor().timeline) {
      return { code: 'snapshot-needed', why: 'other-timeline' };
    }
    // A page that did not move the till is not asked for again at once.
    if (mode === 'poll' || page !== null) await pause.wait(POLL_EVERY_MS, signal);
  }
  return { code: 'promote' };
}
