import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { err, type Result } from '../../../agent/contract/result.ts';
import {
  cursorQuerySchema,
  DOCUMENTS_PATH,
  SEGMENT_PATH,
  STREAM_PATH,
} from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { segmentQuerySchema } from '../../protocol/snapshot.ts';
import type { HqDeps } from '../deps.ts';
import type { SnapshotReader } from '../feed/create-snapshot-reader.ts';
import { type AuthenticTill, authenticateTill } from '../tills/authenticate-till.ts';
import type { TillActivity } from '../tills/till-activity.ts';
import { readTimeline } from '../tills/timeline.ts';
import { answerFailure, parse } from './api-routes.ts';
import { bearerOf } from './authenticate.ts';
import { describeError, failureOf } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';
import type { Streams } from './streams.ts';

interface RouteDeps {
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  readonly streams: Streams;
  readonly snapshots: SnapshotReader;
  readonly activity: TillActivity;
}

const documentParamsSchema = z.strictObject({
  kind: z.enum(['rule-set', 'policy']),
  version: z.coerce.number().int().min(1),
});

/** The calls of a till that answer no JSON: its stream, the segments of a snapshot, signed documents. */
export function addTillRoutes(server: FastifyInstance, route: RouteDeps): void {
  const { deps, metrics, streams, snapshots, activity } = route;

  server.route({
    method: 'GET',
    url: STREAM_PATH,
    handler: (request, reply) =>
      forTill(route, 'stream', request, reply, async (till) => {
        const cursor = parse(cursorQuerySchema, request.query);
        if (!cursor.ok) return cursor;
        const first = await streams.prepare(till, cursor.value);
        if (!first.ok) return first;
        activity.heard(till.caller.tillId, cursor.value.pos);
        metrics.answered('stream', 'ok', reply.elapsedTime);
        reply.hijack();
        await streams.run(till, first.value, reply.raw);
        return null;
      }),
  });

  server.route({
    method: 'GET',
    url: SEGMENT_PATH,
    handler: (request, reply) =>
      forTill(route, 'segment', request, reply, async ({ caller }) => {
        const query = parse(segmentQuerySchema, request.query);
        if (!query.ok) return query;
        activity.heard(caller.tillId);
        const { table, after, timeline } = query.value;
        if (timeline !== (await readTimeline(deps.db))) return err(hqFailure('cursor-unknown'));
        const bytes = snapshots.readSegment({
          storeId: caller.storeId,
          protocol: caller.protocol,
          table,
          after,
        });
        reply.hijack();
        reply.raw.writeHead(200, {
          'Content-Type': 'application/octet-stream',
          'Cache-Control': 'no-store, no-transform',
        });
        try {
          await pipeline(bytes, reply.raw);
          metrics.answered('segment', 'ok', reply.elapsedTime);
        } catch (error) {
          // The till sees that the trailer is missing and fetches the segment again.
          reply.raw.destroy();
          metrics.answered('segment', 'cut', reply.elapsedTime);
          deps.log('info', 'segment was cut', { tillId: caller.tillId, ...describeError(error) });
        }
        return null;
      }),
  });

  server.route({
    method: 'GET',
    url: `${DOCUMENTS_PATH}/:kind/:version`,
    handler: (request, reply) =>
      forTill(route, 'document', request, reply, async () => {
        const params = parse(documentParamsSchema, request.params);
        if (!params.ok) return params;
        const { kind, version } = params.value;
        const [found] = await deps.db.query<{ signed: Uint8Array }>(
          'SELECT signed FROM documents WHERE kind = $1 AND version = $2',
          [kind, version],
        );
        if (found === undefined) return err(hqFailure('not-found', 'version'));
        metrics.answered('document', 'ok', reply.elapsedTime);
        await reply
          .header('Content-Type', 'application/octet-stream')
          .send(Buffer.from(found.signed));
        return null;
      }),
  });
}

/** Proves that a till calls, does the work, and answers what it refuses; `null` = the work has answered itself. */
async function forTill(
  { deps, metrics }: RouteDeps,
  call: string,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (till: AuthenticTill) => Promise<Result<never, HqFailure> | null>,
): Promise<FastifyReply> {
  const token = bearerOf(request.headers.authorization);
  let till: AuthenticTill | undefined;
  let failure: HqFailure | undefined;
  try {
    const proved =
      token === undefined ? err(hqFailure('unauthenticated')) : await authenticateTill(deps, token);
    if (proved.ok) {
      till = proved.value;
      const done = await work(till);
      if (done !== null && !done.ok) failure = done.error;
    } else failure = proved.error;
  } catch (error) {
    failure = failureOf(error);
    deps.log('error', 'call broke', { call, outcome: failure.code, ...describeError(error) });
  }
  if (failure === undefined || reply.sent) return reply;
  return answerFailure({ deps, metrics }, call, reply, failure, till?.caller);
}
