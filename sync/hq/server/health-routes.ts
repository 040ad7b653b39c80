import type { FastifyInstance } from 'fastify';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import { totalAccuracy } from '../accuracy/read-accuracy.ts';
import { chainDay } from '../books/chain-day.ts';
import { readCheckAges } from '../checks/read-check-ages.ts';
import type { HqDeps } from '../deps.ts';
import { countOpen } from '../desk/read-cases.ts';
import { readFaceFigures } from '../faces/face-figures.ts';
import type { ShownTls } from '../keys/create-shown-tls.ts';
import { ONLINE_WITHIN_MS } from '../tills/till-activity.ts';
import { describeError } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';

/** The database must answer within this time, in milliseconds, or HQ is not healthy. */
export const HEALTH_DEADLINE_MS = 2_000;
/** Committed rows of which none gets its number for so long mean that no sequencer works, in milliseconds. */
export const SEQUENCER_SILENT_MS = 10_000;

interface RouteDeps {
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  readonly version: string;
  readonly tls: Pick<ShownTls, 'current'>;
}

interface Health {
  readonly ok: boolean;
  readonly version: string;
  readonly database: boolean;
  readonly sequencer: boolean;
  readonly head: number;
  readonly waiting: number;
  /** Age of the oldest row that waits for its number. */
  readonly lagMs: number;
  readonly certificateEndsInDays: number | null;
}

interface FeedState {
  readonly head: number;
  readonly waiting: number;
  readonly first: number | null;
  readonly lag_ms: number;
}

/** `GET /healthz` for whoever balances load, `GET /metrics` for Prometheus. Both name nobody. */
export function addHealthRoutes(server: FastifyInstance, route: RouteDeps): void {
  const { deps, metrics, tls } = route;
  const stands = createStandstill();

  metrics.onScrape(async () => {
    const shown = tls.current();
    if (shown !== null) metrics.setCertificateEnd(shown.endsAtMs);
    try {
      const feed = await readFeedState(deps);
      metrics.setWaiting(feed.waiting, feed.lag_ms);
      stands.sinceMs(feed, deps.nowMs());
      const tills = await deps.db.query<{ state: string; count: number; online: number }>(
        `SELECT state, count(*) AS count, count(*) FILTER (WHERE last_seen_ms >= $1) AS online
         FROM tills GROUP BY state`,
        [deps.nowMs() - ONLINE_WITHIN_MS],
      );
      metrics.setTills({
        ...Object.fromEntries(tills.map(({ state, count }) => [state, count])),
        online: tills.find(({ state }) => state === 'registered')?.online ?? 0,
      });
      metrics.setExceptions(await countOpen(deps.db));
      metrics.setFaces(await readFaceFigures(deps));
      metrics.setCheckAges(await readCheckAges(deps));
      const today = chainDay(deps.nowMs(), deps.timeZone);
      metrics.setAccuracy(await totalAccuracy(deps.db, addDays(today, -6), today));
    } catch (error) {
      // Figures of the process itself are worth the more while the database is away.
      deps.log('warn', 'figures were not read', describeError(error));
    }
  });

  server.get('/healthz', async (_request, reply) => {
    const health = await readHealth(route, stands);
    return reply.code(health.ok ? 200 : 503).send(health);
  });
  server.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.text();
    return reply.header('Content-Type', contentType).send(body);
  });
}

async function readHealth({ deps, version, tls }: RouteDeps, stands: Standstill): Promise<Health> {
  let timer: unknown;
  const late = new Promise<undefined>((resolve) => {
    timer = deps.timers.set(HEALTH_DEADLINE_MS, () => resolve(undefined));
  });
  const asked = readFeedState(deps).catch((error: unknown) => {
    deps.log('warn', 'the database does not answer', describeError(error));
    return undefined;
  });
  const feed = await Promise.race([asked, late]);
  deps.timers.clear(timer);
  const shown = tls.current();
  const nowMs = deps.nowMs();
  const sequencer =
    feed !== undefined && nowMs - (stands.sinceMs(feed, nowMs) ?? nowMs) < SEQUENCER_SILENT_MS;
  return {
    ok: sequencer,
    version,
    database: feed !== undefined,
    sequencer,
    head: feed?.head ?? 0,
    waiting: feed?.waiting ?? 0,
    lagMs: feed?.lag_ms ?? 0,
    certificateEndsInDays:
      shown === null ? null : Math.floor((shown.endsAtMs - nowMs) / (24 * 60 * 60_000)),
  };
}

/** Since when the feed stands still while rows wait, as far as was looked. */
interface Standstill {
  /** @returns epoch milliseconds; `null` = it moves, or nothing waits */
  sinceMs(feed: FeedState, nowMs: number): number | null;
}

/**
 * The age of the oldest row says nothing: a long transaction commits old rows at once, and a great import leaves a queue
 * that is being worked off. That neither the head nor the oldest row changes does.
 */
function createStandstill(): Standstill {
  let stood: { readonly place: string; readonly sinceMs: number } | null = null;
  return {
    sinceMs({ head, first }, nowMs) {
      const place = `${head}:${first}`;
      if (first === null) stood = null;
      else if (stood?.place !== place) stood = { place, sinceMs: nowMs };
      return stood?.sinceMs ?? null;
    },
  };
}

/** `outbox.at_ms` is the database's clock, so its age is told by the same clock. */
async function readFeedState({ db }: Pick<HqDeps, 'db'>): Promise<FeedState> {
  const [state] = await db.query<FeedState>(
    `SELECT (SELECT pos FROM feed_head) AS head, count(*) AS waiting, min(id) AS first,
       greatest(0, coalesce((extract(epoch FROM clock_timestamp()) * 1000)::bigint - min(at_ms), 0)) AS lag_ms
     FROM outbox`,
  );
  if (state === undefined) throw new Error('broken invariant: a SELECT of figures has one row');
  return state;
}
