import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { toInstant } from '../../../agent/contract/time.ts';
import { CONSOLE_CODE_PATH } from '../../protocol/hq-api.ts';
import type { HqDeps } from '../deps.ts';
import { redeemConsoleCode } from '../tills/access-tokens.ts';
import { answerFailure, parse } from './api-routes.ts';
import { serveBuiltPage } from './built-page.ts';
import { describeError, failureOf } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';

const CODE_MAX_BYTES = 1_024;
const codeSchema = z.strictObject({ code: z.string().min(16).max(128) });

interface RouteDeps {
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  /** Where the built console lies. */
  readonly folder: string | undefined;
}

/** The console: its files where they are built, and the exchange of a one-time code for a token. */
export async function addConsoleRoutes(server: FastifyInstance, route: RouteDeps): Promise<void> {
  const { deps, metrics, folder } = route;
  server.route({
    method: 'POST',
    url: CONSOLE_CODE_PATH,
    bodyLimit: CODE_MAX_BYTES,
    async handler(request, reply) {
      const sent = parse(codeSchema, request.body);
      if (!sent.ok) return answerFailure({ deps, metrics }, 'openConsole', reply, sent.error);
      try {
        const opened = await redeemConsoleCode(deps, sent.value.code);
        if (!opened.ok) return answerFailure({ deps, metrics }, 'openConsole', reply, opened.error);
        metrics.answered('openConsole', 'ok', reply.elapsedTime);
        const { token, expiresAtMs } = opened.value;
        return reply.send({ token, expiresAt: toInstant(expiresAtMs) });
      } catch (error) {
        const failure = failureOf(error);
        deps.log('error', 'call broke', { call: 'openConsole', ...describeError(error) });
        return answerFailure({ deps, metrics }, 'openConsole', reply, failure);
      }
    },
  });
  await serveBuiltPage(server, deps.log, {
    name: 'console',
    prefix: '/',
    folder,
    command: 'npm run build:hq-ui',
  });
}
