import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import { findServerPrograms } from '../../sync/hq/database/embedded/server-programs.ts';
import { findServerUser } from '../../sync/hq/database/embedded/server-user.ts';
import {
  type EmbeddedServer,
  startEmbeddedPostgres,
} from '../../sync/hq/database/embedded/start-embedded-postgres.ts';
import { openPostgres } from '../../sync/hq/database/open-postgres.ts';
import type { HqLog } from '../../sync/hq/deps.ts';
import { migrate } from '../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../sync/hq/migrations.ts';
import { copyServerImage, startPglite, TEMPLATE } from './hq-images.ts';
import { must } from './must.ts';
import { NO_SCHEMA, type Restorable, restorable } from './restore-database.ts';

export { must };

/** What HQ's database runs on; every test of HQ runs on both. */
export const HQ_ENGINES = ['pglite', 'postgresql'] as const;
export type HqEngine = (typeof HQ_ENGINES)[number];

/** Time of one test and of one hook: an engine may have to start on a busy machine. The long tests have an hour. */
const TEST_MS = process.env['TILLSIDE_LONG'] === '1' ? 60 * 60_000 : 90_000;

/** A log that is not looked at. */
export const quietLog: HqLog = () => {};

export interface HqDatabaseOptions {
  /** `false` leaves the database empty. */
  readonly migrated?: boolean;
  readonly log?: HqLog;
}

/** Gives a test databases of its own; they are closed when it ends. */
export interface HqDatabases {
  readonly engine: HqEngine;
  /** An empty database with HQ's schema. */
  fresh(options?: HqDatabaseOptions): Promise<HqDatabase>;
  /** A further pool on a database of `fresh`, as another HQ process has it. PostgreSQL only. */
  another(db: HqDatabase): Promise<HqDatabase>;
  /** The address of a database of `fresh`, for another process. PostgreSQL only. */
  urlOf(db: HqDatabase): string;
}

/**
 * A group of tests for each engine, at the top of a test file, e.g. `describeOnEngines('the feed', (hq) => { test(...,
 * async () => { const db = await hq.fresh(); ... }) })`. PostgreSQL is skipped by name where its programs are missing, but
 * never with CI=true.
 */
export function describeOnEngines(
  name: string,
  tests: (hq: HqDatabases) => void,
  engines: readonly HqEngine[] = HQ_ENGINES,
): void {
  afterAll(stopEngines, TEST_MS);
  for (const engine of engines) {
    const group = engine === 'pglite' || mayRunPostgres() ? describe : describe.skip;
    group(`${name}, on ${engine}`, { timeout: TEST_MS }, () => tests(on(engine)));
  }
}

/** Whether the embedded PostgreSQL runs on this machine. */
export function mayRunPostgres(): boolean {
  return process.env['CI'] === 'true' || (findServerPrograms().ok && findServerUser().ok);
}

/** Databases for the tests of the surrounding group, or of the file: registers its hooks. */
export function withHqDatabase(engine: HqEngine): HqDatabases {
  afterAll(stopEngines, TEST_MS);
  return on(engine);
}

function on(engine: HqEngine): HqDatabases {
  return engine === 'pglite' ? onPglite() : onPostgres();
}

/** Engines of this test file that no test uses, as the last one left them: starting one takes a second. */
const idlePglites: Restorable[] = [];

function onPglite(): HqDatabases {
  const used: Restorable[] = [];
  const start = async (): Promise<Restorable> => restorable(await startPglite());

  beforeAll(async () => {
    if (idlePglites.length === 0) idlePglites.push(await start());
  }, TEST_MS);
  afterEach(() => {
    idlePglites.push(...used.splice(0));
  });

  return {
    engine: 'pglite',
    async fresh(options = {}) {
      const one = idlePglites.pop() ?? (await start());
      used.push(one);
      // The test closes what it got as HQ would; the engine lives on for the next one.
      const lent: HqDatabase = { ...one.db, close: async () => {} };
      if (options.migrated === false) await lent.script(NO_SCHEMA);
      else {
        await one.restore();
        must(await migrate(lent, HQ_MIGRATIONS));
      }
      return lent;
    },
    another: () => onlyPostgres(),
    urlOf: () => onlyPostgres(),
  };
}

let shared: Promise<{ server: EmbeddedServer; admin: HqDatabase; folder: string }> | null = null;
let made = 0;

/** Ends what the groups of this test file share: each of them would start it again. */
async function stopEngines(): Promise<void> {
  for (const { db } of idlePglites.splice(0)) await db.close();
  if (shared === null) return;
  const { server, admin, folder } = await shared;
  shared = null;
  await admin.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/** One server for all groups of a test file, a database of its own for each test. */
function onPostgres(): HqDatabases {
  const urls = new Map<HqDatabase, string>();
  const open: HqDatabase[] = [];

  beforeAll(async () => {
    shared ??= startShared();
    await shared;
  }, TEST_MS);
  afterEach(async () => {
    for (const db of open.splice(0)) await db.close();
    const { admin } = await started();
    for (const url of new Set(urls.values()))
      await admin.query(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    urls.clear();
  }, TEST_MS);

  async function connect(url: string, log: HqLog): Promise<HqDatabase> {
    const db = must(await openPostgres(url, { log }));
    let closed = false;
    const once: HqDatabase = {
      ...db,
      async close() {
        if (closed) return;
        closed = true;
        await db.close();
      },
    };
    open.push(once);
    urls.set(once, url);
    return once;
  }

  const urlOf = (db: HqDatabase): string => {
    const url = urls.get(db);
    if (url === undefined) throw new Error('not a database of fresh()');
    return url;
  };

  return {
    engine: 'postgresql',
    async fresh(options = {}) {
      const { server, admin } = await started();
      const name = `test_${++made}`;
      const empty = options.migrated === false;
      await admin.query(`CREATE DATABASE ${name} ${empty ? '' : `TEMPLATE ${TEMPLATE}`}`);
      const db = await connect(server.urlOf(name), options.log ?? quietLog);
      if (!empty) must(await migrate(db, HQ_MIGRATIONS));
      return db;
    },
    another: (db) => connect(urlOf(db), quietLog),
    urlOf,
  };
}

async function started() {
  if (shared === null) throw new Error('the server of the tests is not started');
  return await shared;
}

async function startShared() {
  const folder = await mkdtemp(join(tmpdir(), 'tillside-postgresql-'));
  await copyServerImage(folder);
  const server = must(await startEmbeddedPostgres({ folder, log: quietLog, durable: false }));
  const admin = must(await openPostgres(server.url, { log: quietLog, poolMax: 2 }));
  return { server, admin, folder };
}

function onlyPostgres(): never {
  throw new Error('PGlite lives in one process');
}
