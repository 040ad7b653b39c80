import { OpenAPIHandler } from '@orpc/openapi/node';
import type { ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import type { Caller, Till } from '../app/till.ts';
import { type ErrorBody, ok } from '../contract/index.ts';
import type { ApiLog } from './api-log.ts';
import { type ApiContext, callerName, type Transport } from './context.ts';
import { retryAfterSeconds } from './http-answer.ts';
import { API_LIMITS, type ApiLimits } from './limits.ts';
import { createPipeline } from './pipeline.ts';
import { bodyOf, plainJson } from './plain-json.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createRouter } from './router.ts';
import { WireError } from './wire-error.ts';

/** The local API of one till: one router and what stands in front of it, ready to be served over several transports. */
export interface Api {
  readonly till: Till;
  readonly log: ApiLog;
  readonly limits: ApiLimits;
  readonly rate: RateLimit;
  /** Serves message ports and WebSockets. */
  readonly rpc: RPCHandler<ApiContext>;
  /** Serves the POS part over HTTP, under `/v1`. */
  readonly http: OpenAPIHandler<ApiContext>;
  contextFor(options: {
    transport: Transport;
    caller: Caller | null;
    stillValid: () => boolean;
  }): ApiContext;
  readonly closing: AbortSignal;
  /** Ends every stream. The servers close themselves. */
  close(): void;
}

/** @param options.monoMs a clock that only goes forward, in milliseconds */
export function createApi(options: {
  readonly till: Till;
  readonly log: ApiLog;
  readonly monoMs: () => number;
  readonly limits?: ApiLimits;
}): Api {
  const { till, log, monoMs, limits = API_LIMITS } = options;
  const router = createRouter(till, log);
  const { aroundCall, aroundRequest } = createPipeline(log);
  const rate = createRateLimit(limits, monoMs);
  const closing = new AbortController();

  return {
    till,
    log,
    limits,
    rate,
    rpc: new RPCHandler<ApiContext>(router, {
      interceptors: [aroundRequest],
      clientInterceptors: [aroundCall],
    }),
    http: new OpenAPIHandler<ApiContext>(router, {
      filter: ({ path }) => path[0] === 'pos',
      rootInterceptors: [withRetryAfter],
      interceptors: [aroundRequest],
      clientInterceptors: [aroundCall],
      customJsonSerializers: [plainJson],
      // Comments that keep an idle stream open and let the server notice a reader that is gone.
      eventIteratorKeepAliveInterval: limits.heartbeatMs,
      eventIteratorKeepAliveComment: 'alive',
      customErrorResponseBodyEncoder: (error: ORPCError<string, unknown>) =>
        error instanceof WireError ? error.data : undefined,
    }),
    contextFor({ transport, caller, stillValid }) {
      const name = callerName(caller);
      return {
        transport,
        caller,
        stillValid,
        screenMay: (role) => till.screenMay(role),
        admit: transport === 'http' ? () => ok(() => undefined) : () => rate.request(name),
        openStream: () => rate.stream(name),
        closing: closing.signal,
      };
    },
    closing: closing.signal,
    close: () => closing.abort(),
  };
}

/** HTTP callers read from a header how long to wait. */
async function withRetryAfter<
  R extends {
    readonly response?:
      | {
          readonly status: number;
          headers: Record<string, string | string[] | undefined>;
          readonly body?: unknown;
        }
      | undefined;
  },
>({ next }: { readonly next: () => Promise<R> }): Promise<R> {
  const result = await next();
  const { response } = result;
  const wait =
    response?.status === 429 ? retryAfterSeconds(bodyOf(response.body) as ErrorBody) : undefined;
  if (response !== undefined && wait !== undefined)
    response.headers = { ...response.headers, 'retry-after': String(wait) };
  return result;
}
