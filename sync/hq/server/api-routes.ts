import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqCall, hqApi } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { onlineKeySchema } from '../../protocol/online.ts';
import type { HqCaller, HqDeps, HqHandler, HqHandlers } from '../deps.ts';
import { authenticate } from './authenticate.ts';
import { describeError, failureOf } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';
import { sendFailure } from './send-failure.ts';

interface RouteDeps {
  readonly deps: HqDeps;
  readonly handlers: HqHandlers;
  readonly metrics: HqMetrics;
}

/**
 * Serves every call of `hqApi` in one way: who calls is proved before a byte of the body is read, the input is parsed by
 * the endpoint's schema, the answer too, and every refusal has the same form.
 */
export function addApiRoutes(server: FastifyInstance, route: RouteDeps): void {
  for (const call of Object.keys(hqApi) as HqCall[]) {
    const { method, path, access, maxBytes } = hqApi[call];
    const callers = new WeakMap<FastifyRequest, HqCaller>();
    server.route({
      method,
      url: path,
      bodyLimit: maxBytes,
      config: { call },
      async onRequest(request, reply) {
        const caller = await authenticate(route.deps, access, credentialsOf(request));
        if (!caller.ok) return answerFailure(route, call, reply, caller.error);
        callers.set(request, caller.value);
      },
      async handler(request, reply) {
        const caller = callers.get(request);
        if (caller === undefined) throw new Error('broken invariant: a call without a caller');
        const answer = await work(route, call, caller, request);
        if (!answer.ok) return answerFailure(route, call, reply, answer.error, caller);
        route.metrics.answered(call, 'ok', reply.elapsedTime);
        route.deps.log('debug', 'call', { call, outcome: 'ok', ...whoOf(caller) });
        return reply
          .header('Content-Type', 'application/json; charset=utf-8')
          .send(JSON.stringify(answer.value));
      },
    });
  }
}

/** What a request shows of who sent it. */
export function credentialsOf(request: FastifyRequest) {
  return { authorization: request.headers.authorization, address: request.ip };
}

/** Answers, counts and logs a refusal. */
export function answerFailure(
  { deps, metrics }: Pick<RouteDeps, 'deps' | 'metrics'>,
  call: string,
  reply: FastifyReply,
  failure: HqFailure,
  caller?: HqCaller,
): FastifyReply {
  metrics.answered(call, failure.code, reply.elapsedTime);
  deps.log('info', 'call refused', {
    call,
    outcome: failure.code,
    ...(failure.field === undefined ? {} : { field: failure.field }),
    ...(caller === undefined ? {} : whoOf(caller)),
  });
  return sendFailure(reply, failure);
}

async function work(
  { deps, handlers }: RouteDeps,
  call: HqCall,
  caller: HqCaller,
  request: FastifyRequest,
): Promise<Result<unknown, HqFailure>> {
  const { method, input, reply, keyed } = hqApi[call];
  const key = keyed ? keyOf(request) : ok(undefined);
  if (!key.ok) return key;
  const sent = method === 'GET' ? request.query : (request.body ?? {});
  const parsed = parse(input, withPathFields(sent, request.params));
  if (!parsed.ok) return parsed;
  // Input and handler belong to the same call; the type system cannot follow that through the table.
  const handler = handlers[call] as unknown as HqHandler<'overview'>;
  try {
    const answer = await handler(caller, parsed.value as Record<string, never>, key.value);
    return answer.ok ? ok((reply as z.ZodType).parse(answer.value)) : answer;
  } catch (error) {
    const failure = failureOf(error);
    deps.log('error', 'call broke', { call, outcome: failure.code, ...describeError(error) });
    return err(failure);
  }
}

function keyOf(request: FastifyRequest): Result<string, HqFailure> {
  const sent = request.headers['idempotency-key'];
  if (sent === undefined) return err(hqFailure('key-missing', 'Idempotency-Key'));
  const key = onlineKeySchema.safeParse(sent);
  return key.success ? ok(key.data) : err(hqFailure('invalid-input', 'Idempotency-Key'));
}

function withPathFields(sent: unknown, params: unknown): unknown {
  const fields = params as Record<string, string>;
  if (Object.keys(fields).length === 0) return sent;
  return typeof sent === 'object' && !Array.isArray(sent) ? { ...sent, ...fields } : sent;
}

/** Reads what was sent; the refusal names the first field that is wrong and why, and quotes nothing of it. */
export function parse<T extends z.ZodType>(
  schema: T,
  sent: unknown,
): Result<z.output<T>, HqFailure> {
  const parsed = schema.safeParse(sent);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const place = (issue?.path ?? []).map(String);
  const field = issue?.code === 'unrecognized_keys' ? [...place, issue.keys[0] ?? ''] : place;
  return err(
    hqFailure('invalid-input', field.join('.').slice(0, 200), {
      problem: (issue?.message ?? '').slice(0, 300),
    }),
  );
}

function whoOf(caller: HqCaller): Record<string, string> {
  switch (caller.kind) {
    case 'till':
      return { tillId: caller.tillId };
    case 'open':
      return {};
    default:
      return { as: caller.kind };
  }
}
