import type { FastifyInstance, FastifyRequest } from 'fastify';
import { err, type Result } from '../../../agent/contract/result.ts';
import {
  CHECK_FORM,
  CHECK_PATH,
  CHECK_REQUEST_MAX_BYTES,
  type CheckRequest,
  checkRequestSchema,
} from '../../protocol/check.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { packReply, unpackQuestion } from '../../protocol/pack-check.ts';
import { CHECKS_SINCE } from '../../protocol/version.ts';
import type { Checks } from '../checks/create-checks.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { authenticateTill } from '../tills/authenticate-till.ts';
import type { TillActivity } from '../tills/till-activity.ts';
import { answerFailure, credentialsOf, parse } from './api-routes.ts';
import { bearerOf } from './authenticate.ts';
import { describeError, failureOf } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';

interface RouteDeps {
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  readonly checks: Checks;
  readonly activity: TillActivity;
}

/** The questions of a till's full-volume check: bytes both ways, refusals in the form of all others. */
export function addCheckRoute(server: FastifyInstance, route: RouteDeps): void {
  const { deps, metrics } = route;
  const callers = new WeakMap<FastifyRequest, TillCaller>();
  // A part of its own, so that no other call takes bodies of this kind.
  void server.register(async (part) => {
    part.removeAllContentTypeParsers();
    part.addContentTypeParser(
      CHECK_FORM,
      { parseAs: 'buffer' },
      async (_: unknown, body: Buffer) => body,
    );
    part.setErrorHandler((error, _request, reply) => {
      if ((error as { code?: string }).code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error;
      const problem = `send ${CHECK_FORM}`;
      return answerFailure(
        route,
        'check',
        reply,
        hqFailure('invalid-input', 'Content-Type', { problem }),
      );
    });
    part.route({
      method: 'POST',
      url: CHECK_PATH,
      bodyLimit: CHECK_REQUEST_MAX_BYTES,
      async onRequest(request, reply) {
        const token = bearerOf(credentialsOf(request).authorization);
        const till =
          token === undefined
            ? err(hqFailure('unauthenticated'))
            : await authenticateTill(deps, token);
        if (!till.ok) return answerFailure(route, 'check', reply, till.error);
        callers.set(request, till.value.caller);
      },
      async handler(request, reply) {
        const caller = callers.get(request);
        if (caller === undefined) throw new Error('broken invariant: a call without a caller');
        const answer = await answerQuestion(route, caller, request.body);
        if (!answer.ok) return answerFailure(route, 'check', reply, answer.error, caller);
        const asked = request.body as Buffer;
        metrics.answered('check', 'ok', reply.elapsedTime);
        metrics.checkBytes(asked.length, answer.value.length);
        return reply.header('Content-Type', CHECK_FORM).send(answer.value);
      },
    });
  });
}

async function answerQuestion(
  { deps, checks, activity }: RouteDeps,
  caller: TillCaller,
  body: unknown,
): Promise<Result<Buffer, HqFailure>> {
  if (caller.protocol < CHECKS_SINCE) return err(hqFailure('protocol-unsupported', 'protocol'));
  activity.heard(caller.tillId);
  const unpacked = body instanceof Uint8Array ? unpackQuestion(body) : undefined;
  if (unpacked === undefined)
    return err(hqFailure('invalid-input', 'body', { problem: `not ${CHECK_FORM} of a question` }));
  const question = parse(checkRequestSchema, unpacked);
  if (!question.ok) return question;
  const { t } = question.value;
  try {
    const answer = await checks.answer(caller, question.value as CheckRequest);
    return answer.ok ? { ok: true, value: packReply(t, answer.value) } : answer;
  } catch (error) {
    const failure = failureOf(error);
    deps.log('error', 'call broke', {
      call: 'check',
      outcome: failure.code,
      ...describeError(error),
    });
    return err(failure);
  }
}
