import type { CallFailure } from './call-failure.ts';
import type { PageRefusal } from './check-page.ts';

/** Why following the feed ended; the connection decides what comes next. */
export type FollowEnd =
  /** The connection broke or went silent, or HQ ended it in order. */
  | { readonly code: 'cut'; readonly why: string }
  /** The call itself failed. */
  | { readonly code: 'failed'; readonly failure: CallFailure }
  /** Something came that is not the feed: form, size, order or hash. Nothing of it was applied. */
  | { readonly code: 'page-refused'; readonly why: PageRefusal | 'wrong-form' | 'too-big' }
  /** HQ has another timeline, or does not know the till's place any more. */
  | { readonly code: 'snapshot-needed'; readonly why: string }
  /** The token is not taken any more. */
  | { readonly code: 'session-over' }
  /** The till's disk took nothing. */
  | { readonly code: 'storage'; readonly detail: string }
  /** Time to try the stream again. */
  | { readonly code: 'promote' };

/** What a refused call or the code at the end of a stream means for following. */
export function endOfFailure(failure: CallFailure): FollowEnd {
  if (failure.code !== 'refused') return { code: 'failed', failure };
  switch (failure.refusal) {
    case 'cursor-unknown':
    case 'cursor-too-old':
      return { code: 'snapshot-needed', why: failure.refusal };
    case 'unauthenticated':
      return { code: 'session-over' };
    default:
      return { code: 'failed', failure };
  }
}
