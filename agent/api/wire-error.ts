import { ORPCError } from '@orpc/server';
import {
  ERRORS,
  type ErrorBody,
  type Failure,
  failure,
  type Text,
  text,
  toErrorBody,
} from '../contract/index.ts';
import type { Transport } from './context.ts';
import { describeIssue, fieldOf, type Issue } from './describe-issue.ts';
import { PROBLEMS_LISTED_MAX } from './limits.ts';

/**
 * A failure on its way out. Message port and WebSocket carry oRPC's own envelope with the body in `data`, because its
 * client accepts no other; over HTTP the body stands alone, inside event streams too.
 */
export class WireError extends ORPCError<string, ErrorBody> {
  readonly transport: Transport;

  constructor(body: ErrorBody, transport: Transport) {
    super(body.code, { status: ERRORS[body.code].status, message: body.message.en, data: body });
    this.transport = transport;
  }

  override toJSON(): ReturnType<ORPCError<string, ErrorBody>['toJSON']> {
    if (this.transport !== 'http') return super.toJSON();
    // The serialiser takes whatever JSON stands for the error; POS programs read only this body.
    return this.data as unknown as ReturnType<ORPCError<string, ErrorBody>['toJSON']>;
  }
}

/** The wire form of validation issues: the first names `field` and message, the next few are listed in `data.problems`. */
export function invalidInput(issues: readonly Issue[]): ErrorBody {
  const problems = issues
    .slice(0, PROBLEMS_LISTED_MAX)
    .map((issue) => ({ field: fieldOf(issue), problem: describeIssue(issue) }));
  const [first] = problems;
  if (first === undefined) return toErrorBody(failure('invalid-input'));
  return {
    ...toErrorBody(failure('invalid-input', first.field)),
    message: sentence(first.field, first.problem),
    ...(problems.length > 1 ? { data: { problems } } : {}),
  };
}

/** An `invalid-input` failure with a sentence of its own. */
export function invalidField(field: string, problem: Text): ErrorBody {
  return { ...toErrorBody(failure('invalid-input', field)), message: sentence(field, problem) };
}

function sentence(field: string, problem: Text): Text {
  const named = field === '' ? text('请求', 'The request') : text(field, field);
  const cut = (s: string): string => s.slice(0, 500);
  return text(cut(`${named['zh-CN']}：${problem['zh-CN']}`), cut(`${named.en} ${problem.en}`));
}

/** True where `data` is the body of an error that is ours. */
export function isOurError(error: unknown): error is WireError {
  return error instanceof WireError;
}

/** Throws a failure of a use case over the transport. */
export function throwFailure(f: Failure, transport: Transport): never {
  throw new WireError(toErrorBody(f), transport);
}
