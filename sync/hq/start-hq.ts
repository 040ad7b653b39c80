import type { FastifyInstance } from 'fastify';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { HqFailure } from '../protocol/hq-error.ts';
import type { RegistrationTicket } from '../protocol/registration.ts';
import { createAccuracyHandlers } from './accuracy/create-accuracy-handlers.ts';
import { startAccuracy } from './accuracy/start-accuracy.ts';
import { createBookHandlers } from './books/create-book-handlers.ts';
import { createCheckHandlers } from './checks/create-check-handlers.ts';
import { CHECKS_LIMITS, createChecks } from './checks/create-checks.ts';
import { createLedgerHandlers } from './checks/ledger/create-ledger-handlers.ts';
import { startDigestPass } from './checks/start-digest-pass.ts';
import type { HqDatabase } from './database/database.ts';
import { type HqDatabaseConfig, openHqDatabase } from './database/open-hq-database.ts';
import { PGLITE_WARNING } from './database/open-pglite.ts';
import type { HqDeps, HqHandlers, HqLog, HqTimers } from './deps.ts';
import { createDeskHandlers } from './desk/create-desk-handlers.ts';
import { createFaceHandlers } from './faces/create-face-handlers.ts';
import { createFeedReader } from './feed/create-feed-reader.ts';
import { createSequencer } from './feed/create-sequencer.ts';
import { createSnapshotReader } from './feed/create-snapshot-reader.ts';
import type { OnDamaged } from './feed/read-page.ts';
import { createShownTls } from './keys/create-shown-tls.ts';
import { openKeys } from './keys/open-keys.ts';
import type { HqTls } from './keys/tls.ts';
import { migrate } from './migrate.ts';
import { HQ_MIGRATIONS } from './migrations.ts';
import { localName, nameOf, openTls, type TlsOptions } from './open-hq-tls.ts';
import { createPassHandlers } from './pass/create-pass-handlers.ts';
import { openPassIssuers } from './pass/pass-issuers.ts';
import { addApiRoutes } from './server/api-routes.ts';
import { addCheckRoute } from './server/check-route.ts';
import { addConsoleRoutes } from './server/console-routes.ts';
import { createHqServer, showTls } from './server/create-server.ts';
import { createFeedHandlers } from './server/feed-handlers.ts';
import { createFeedHub } from './server/feed-hub.ts';
import { addHealthRoutes } from './server/health-routes.ts';
import { startHousekeeping } from './server/housekeeping.ts';
import { BACKLOG_MAX, STOP_GRACE_MS } from './server/limits.ts';
import { createHqMetrics, type HqMetrics } from './server/metrics.ts';
import { readOverview } from './server/overview.ts';
import { addPassPage } from './server/pass-page.ts';
import { createStreams, STREAM_LIMITS, type StreamLimits } from './server/streams.ts';
import { createTillHandlers } from './server/till-handlers.ts';
import { addTillRoutes } from './server/till-routes.ts';
import { type HqStartError, listenError, plainHttpRefused } from './start-error.ts';
import { type AccessRole, makeAccessToken, makeConsoleCode } from './tills/access-tokens.ts';
import { type HqAddress, issueTicket } from './tills/issue-ticket.ts';
import { listTills } from './tills/list-tills.ts';
import { showTill } from './tills/show-till.ts';
import { createTillActivity } from './tills/till-activity.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export interface HqOptions extends TlsOptions {
  readonly database: HqDatabaseConfig | { readonly kind: 'opened'; readonly db: HqDatabase };
  /** 0 = any free one. */
  readonly port: number;
  readonly currency: string;
  readonly timeZone: string;
  readonly demo?: boolean;
  readonly version: string;
  /** Where the built console lies. */
  readonly consoleFolder?: string | undefined;
  /** Where the built page of members' passes lies. */
  readonly passFolder?: string | undefined;
  readonly log: HqLog;
  /** Timers of everything that it does. */
  readonly timers: HqTimers;
  /** Takes the place of listening at `host` and `port`: answers at which port it is reached. */
  readonly listen?: ((server: FastifyInstance) => Promise<number>) | undefined;
  /** false = no figures about the process itself; absent = with them. */
  readonly processMetrics?: boolean;
  readonly streams?: Partial<StreamLimits>;
}

/** An HQ that runs. */
export interface RunningHq {
  /** As tills find it. */
  readonly url: string;
  /** As programs on the same machine find it. */
  readonly localUrl: string;
  readonly port: number;
  /** The certificate of the authority that tills pin, as PEM; null for plain HTTP. */
  readonly ca: string | null;
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  ticket(
    tillId: string,
    storeId: string,
    url?: string,
  ): Promise<Result<RegistrationTicket, HqFailure>>;
  /** A token of that role; `admin` where nothing is said. */
  token(role?: AccessRole): Promise<string>;
  /** A link that opens the console once. */
  consoleLink(): Promise<string>;
  /** Ends streams with `restarting`, answers what was begun, and closes everything. */
  close(): Promise<void>;
}

/** Starts a headquarters: keys, database, sequencer, server. Whatever was begun is ended again where a step fails. */
export async function startHq(options: HqOptions): Promise<Result<RunningHq, HqStartError>> {
  const keys = openKeys({ folder: options.keysFolder, random: options.random });
  if (!keys.ok) return keys;
  const secured = await openTls(options);
  if (!secured.ok) return secured;
  const { tls, ca } = secured.value;
  if (tls === null && !LOOPBACK.includes(options.host)) return err(plainHttpRefused(options.host));
  const { database, log } = options;
  const opened =
    database.kind === 'opened' ? ok(database.db) : await openHqDatabase(database, { log });
  if (!opened.ok) return opened;
  // A server that could not listen has closed it already.
  const db: HqDatabase = { ...opened.value, close: once(() => opened.value.close()) };
  try {
    const migrated = await migrate(db, HQ_MIGRATIONS);
    if (!migrated.ok) {
      await db.close();
      return migrated;
    }
    const { nowMs, random, timers, currency, timeZone } = options;
    const deps: HqDeps = { db, nowMs, random, timers, keys: keys.value, log, currency, timeZone };
    return await serve(options, deps, db, tls, ca);
  } catch (error) {
    await db.close();
    const known = listenError((error as NodeJS.ErrnoException).code, options.host, options.port);
    if (known === undefined) throw error;
    return err(known);
  }
}

async function serve(
  options: HqOptions,
  deps: HqDeps,
  db: HqDatabase,
  tls: HqTls | null,
  ca: string | null,
): Promise<Result<RunningHq, HqStartError>> {
  const { log } = deps;
  const metrics = createHqMetrics({ process: options.processMetrics ?? true });
  const stopping = new AbortController();
  // A row that tills refuse is put right at once.
  const onDamaged: OnDamaged = (...row) => digestPass.lookAt(...row);
  const reader = createFeedReader({ db, onDamaged });
  const snapshots = createSnapshotReader({ db, onDamaged });
  const activity = createTillActivity(deps);
  const server = createHqServer({ deps, metrics, tls, url: options.url });
  const hub = await createFeedHub(deps, reader, metrics);
  const streams = createStreams({
    deps,
    hub,
    reader,
    metrics,
    limits: { ...STREAM_LIMITS, ...options.streams },
  });
  const address: HqAddress = { url: '', ca };
  let hasPassPage = false;
  const { version, demo = false } = options;
  const warning = db.engine === 'pglite' ? PGLITE_WARNING : null;
  const handlers: HqHandlers = {
    ...countUploads(createBookHandlers(deps), metrics),
    ...createTillHandlers(deps, () => address),
    ...createFeedHandlers({ deps, hub, snapshots, activity, stopping: stopping.signal }),
    ...createAccuracyHandlers(deps),
    ...createDeskHandlers(deps),
    ...createPassHandlers(deps, openPassIssuers(options.keysFolder, deps.random), () =>
      hasPassPage ? address.url : undefined,
    ),
    ...createFaceHandlers(deps),
    ...createLedgerHandlers(deps),
    ...createCheckHandlers(deps, metrics.checkEnded),
    overview: async () => ok(await readOverview(deps, { version, demo, warning })),
    listTills: async () => ok(await listTills(deps, reader)),
    showTill: (_caller, { tillId }) => showTill(deps, reader, tillId),
  };
  addApiRoutes(server, { deps, handlers, metrics });
  addTillRoutes(server, { deps, metrics, streams, snapshots, activity });
  const checks = createChecks(deps, CHECKS_LIMITS, (...table) => digestPass.lookAt(...table));
  addCheckRoute(server, { deps, metrics, checks, activity });
  const shown = createShownTls({
    first: tls,
    open: () => openTls(options),
    show: (renewed) => showTls(server, renewed),
    deps,
  });
  addHealthRoutes(server, { deps, metrics, version, tls: shown });
  await addConsoleRoutes(server, { deps, metrics, folder: options.consoleFolder });
  hasPassPage = await addPassPage(server, log, options.passFolder);

  const sequencer = await createSequencer({
    db,
    log,
    nowMs: deps.nowMs,
    timers: deps.timers,
    onBatch: ({ taken, tookMs }) => metrics.batchNumbered(taken, tookMs),
  });
  const housekeeping = startHousekeeping({ deps, reader, activity, tls: shown });
  const accuracy = startAccuracy(deps);
  const digestPass = startDigestPass(deps);

  async function close(): Promise<void> {
    stopping.abort();
    // Whoever takes nothing any more must not keep HQ from stopping.
    const cut = deps.timers.set(STOP_GRACE_MS, () => server.server.closeAllConnections());
    await streams.stop();
    await server.close();
    deps.timers.clear(cut);
    await accuracy.stop();
    await digestPass.stop();
    await housekeeping.stop();
    await hub.close();
    await sequencer.close();
    await db.close();
  }

  let port: number;
  try {
    port = await (options.listen ?? listenAt(options))(server);
  } catch (error) {
    await close();
    throw error;
  }
  const scheme = tls === null ? 'http' : 'https';
  const url = options.url ?? `${scheme}://${nameOf(options)}:${port}`;
  Object.assign(address, { url });
  log('info', 'headquarters is open', { url, engine: db.engine, version });

  return ok({
    url,
    localUrl: tls?.source === 'given' ? url : `${scheme}://${localName(options)}:${port}`,
    port,
    ca: address.ca,
    deps,
    metrics,
    ticket: (tillId, storeId, at) =>
      issueTicket(
        deps,
        { tillId: tillId as RegistrationTicket['tillId'], storeId },
        { ...address, ...(at === undefined ? {} : { url: at }) },
      ),
    token: async (role = 'admin') =>
      (await makeAccessToken(deps, { role, name: `${role}-by-program` })).token,
    consoleLink: async () => `${url}/#code=${await makeConsoleCode(deps)}`,
    close: once(close),
  });
}

function listenAt({ host, port }: Pick<HqOptions, 'host' | 'port'>) {
  return async (server: FastifyInstance): Promise<number> => {
    await server.listen({ host, port, backlog: BACKLOG_MAX });
    const bound = server.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('broken invariant: no port');
    return bound.port;
  };
}

function countUploads<Books extends Pick<HqHandlers, 'upload'>>(
  books: Books,
  metrics: HqMetrics,
): Books {
  return {
    ...books,
    async upload(caller, input, key) {
      const answer = await books.upload(caller, input, key);
      const entries = input.items.filter(({ kind }) => kind === 'entry').length;
      if (answer.ok) metrics.uploaded(input.items.length, entries);
      return answer;
    },
  } as Books;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
