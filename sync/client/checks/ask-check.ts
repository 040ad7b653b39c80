import { err, ok, type Result } from '../../../agent/contract/result.ts';
import {
  CHECK_FORM,
  CHECK_PATH,
  CHECK_REPLY_MAX_BYTES,
  type CheckReply,
  type CheckRequest,
  nodesReplySchema,
  rootsReplySchema,
  rowsReplySchema,
} from '../../protocol/check.ts';
import { packQuestion, unpackReply } from '../../protocol/pack-check.ts';
import { type CallFailure, unreachableBy } from '../call-failure.ts';
import type { Session } from '../session.ts';
import type { Transport } from '../transport.ts';

/** How long headquarters may take to begin with an answer, in milliseconds: it sums a table first. */
export const CHECK_FIRST_BYTE_MS = 60_000;
/** Longest time for a whole answer, in milliseconds. */
export const CHECK_WHOLE_MS = 5 * 60_000;
/** Room beside the largest answer for its own words, in bytes. */
const REPLY_MARGIN_BYTES = 64 * 1024;

/** An answer, and what question and answer weighed on the wire, in bytes. */
export interface Asked<T extends CheckRequest['t']> {
  readonly reply: CheckReply<T>;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Asks headquarters one question of a full-volume check. Never rejects. */
export type AskCheck = <T extends CheckRequest['t']>(
  question: Extract<CheckRequest, { t: T }>,
  signal: AbortSignal,
) => Promise<Result<Asked<T>, CallFailure>>;

const REPLIES = { roots: rootsReplySchema, nodes: nodesReplySchema, rows: rowsReplySchema };

export function createAskCheck({
  session,
  transport,
}: {
  readonly session: Pick<Session, 'withToken'>;
  readonly transport: Pick<Transport, 'callBytes'>;
}): AskCheck {
  return async (question, signal) => {
    const sent = packQuestion(question);
    const bytes = await session.withToken((token) =>
      transport.callBytes(CHECK_PATH, sent, {
        token,
        signal,
        forms: [CHECK_FORM],
        maxBytes: CHECK_REPLY_MAX_BYTES + REPLY_MARGIN_BYTES,
        firstByteMs: CHECK_FIRST_BYTE_MS,
        wholeMs: CHECK_WHOLE_MS,
      }),
    );
    if (!bytes.ok) return bytes;
    const parsed = REPLIES[question.t].safeParse(unpackReply(question.t, bytes.value));
    if (!parsed.success)
      return err(unreachableBy('wrong-answer', `the answer to ${question.t} has another form`));
    return ok({
      reply: parsed.data as CheckReply<typeof question.t>,
      sentBytes: sent.byteLength,
      receivedBytes: bytes.value.byteLength,
    });
  };
}
