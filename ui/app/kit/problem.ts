import type { ErrorBody, Text } from '../../../agent/contract/index.ts';
import { type LinkError, readError } from '../link.ts';

/** A failed call in words for the person at the screen. */
export type Problem = LinkError;

/** A refusal that the POS API answered over plain HTTP. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.code);
    this.body = body;
  }
}

/** The request did not reach the POS API, or its answer was lost. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

const UNREACHABLE: Problem = {
  code: 'disconnected',
  message: { 'zh-CN': '连接不到会员程序', en: 'The member program cannot be reached' },
  hint: {
    'zh-CN': '可以先按普通价收款；稍后会自动重试',
    en: 'Sell at list price meanwhile; it is tried again',
  },
};

/** A problem that the screen found by itself. */
export function ownProblem(code: Problem['code'], message: Text, hint: Text): Problem {
  return { code, message, hint };
}

/** The sentences for anything a call threw. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.body;
  if (error instanceof UnreachableError) return UNREACHABLE;
  return readError(error);
}
