import { ORPCError, ValidationError } from '@orpc/server';
import {
  type ErrorBody,
  type ErrorCode,
  type Failure,
  failure,
  toErrorBody,
} from '../contract/index.ts';
import { type ApiLog, describeUnexpected } from './api-log.ts';
import { type ApiContext, callerName } from './context.ts';
import { fieldOf, type Issue } from './describe-issue.ts';
import { type Need, needOf, type ScreenNeed, screenNeedOf } from './scopes.ts';
import { invalidInput, WireError } from './wire-error.ts';

/** The part of an interceptor's options that is read here; the handlers pass more. */
interface CallOptions<R> {
  readonly context: ApiContext;
  readonly path: readonly string[];
  readonly next: () => Promise<R>;
}

/**
 * What stands in front of every procedure, whatever the transport: the caller's token still holds, the scope fits, the
 * rate allows it; and behind it: every failure in our own shape, one line in the log.
 */
export function createPipeline(log: ApiLog) {
  async function aroundCall<R>({ context, path, next }: CallOptions<R>): Promise<R> {
    const procedure = path.join('.');
    const need = needOf(procedure);
    const note = (outcome: 'ok' | ErrorCode): void =>
      log.access({
        transport: context.transport,
        caller: callerName(context.caller),
        procedure,
        scope: scopeUsed(context, need),
        outcome,
      });

    const refused = refusal(context, need, screenNeedOf(procedure));
    if (refused !== undefined) {
      note(refused.code);
      throw new WireError(toErrorBody(refused), context.transport);
    }
    const admitted = context.admit();
    if (!admitted.ok) {
      note(admitted.error.code);
      throw new WireError(toErrorBody(admitted.error), context.transport);
    }
    try {
      const output = await next();
      note('ok');
      return output;
    } catch (error) {
      const body = toBody(error, procedure, log);
      note(body.code);
      throw new WireError(body, context.transport);
    } finally {
      admitted.value();
    }
  }

  /** Around matching and decoding too: what the library itself finds wrong leaves in our shape. */
  async function aroundRequest<R extends { readonly matched: boolean }>({
    context,
    next,
  }: {
    readonly context: ApiContext;
    readonly next: () => Promise<R>;
  }): Promise<R> {
    try {
      const result = await next();
      if (result.matched) return result;
    } catch (error) {
      if (error instanceof WireError) throw error;
      // Procedures throw only WireErrors, so this is the request itself, which could not be read.
      throw new WireError(toErrorBody(failure('invalid-input', 'body')), context.transport);
    }
    log.access({
      transport: context.transport,
      caller: callerName(context.caller),
      procedure: 'unknown',
      scope: null,
      outcome: 'not-found',
    });
    throw new WireError(toErrorBody(failure('not-found')), context.transport);
  }

  return { aroundCall, aroundRequest };
}

/** The failure that keeps this caller out, if any. */
export function refusal(
  context: Pick<ApiContext, 'caller' | 'stillValid' | 'screenMay'>,
  need: Need,
  screenNeed: ScreenNeed,
): Failure | undefined {
  if (need === 'open') return undefined;
  const { caller } = context;
  if (caller === null || !context.stillValid()) return failure('unauthenticated');
  if (need === 'capture' || caller.kind === 'capture')
    return need === caller.kind ? undefined : forbidden(need);
  if (caller.kind === 'screen') return screenRefusal(context, screenNeed);
  if (need === 'screen') return forbidden(need);
  if (need.some((scope) => caller.scopes.includes(scope))) return undefined;
  return forbidden(need);
}

function forbidden(need: Exclude<Need, 'open'>): Failure {
  const needed = typeof need === 'string' ? [need] : [...need];
  return failure('forbidden-scope', undefined, { needed });
}

function screenRefusal(
  { screenMay }: Pick<ApiContext, 'screenMay'>,
  need: ScreenNeed,
): Failure | undefined {
  if (need === 'anyone') return undefined;
  const may = screenMay(need === 'signed-in' ? undefined : need);
  return may.ok ? undefined : may.error;
}

function scopeUsed(context: ApiContext, need: Need): string | null {
  const { caller } = context;
  if (need === 'open') return null;
  if (caller?.kind === 'screen') return 'screen';
  if (need === 'capture') return caller?.kind === 'capture' ? 'capture' : null;
  if (need === 'screen' || caller?.kind !== 'client') return null;
  return need.find((scope) => caller.scopes.includes(scope)) ?? null;
}

/** The body for anything a procedure threw. Unexpected errors are logged by name and place and leave as `internal`. */
export function toBody(error: unknown, procedure: string, log: ApiLog): ErrorBody {
  if (error instanceof WireError) return error.data;
  if (
    error instanceof ORPCError &&
    error.code === 'BAD_REQUEST' &&
    error.cause instanceof ValidationError
  ) {
    return invalidInput(error.cause.issues as readonly Issue[]);
  }
  if (error instanceof ORPCError && error.cause instanceof ValidationError) {
    const fields = (error.cause.issues as readonly Issue[])
      .slice(0, 5)
      .map((issue) => `${fieldOf(issue)}: ${issue.code ?? '?'}`);
    log.problem({ procedure, error: 'the answer breaks the contract', frames: fields });
  } else {
    log.problem({ procedure, ...describeUnexpected(error) });
  }
  return toErrorBody(failure('internal'));
}
