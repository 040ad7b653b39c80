import { join } from 'node:path';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqDatabase } from '../database/database.ts';
import { runningUrl } from '../database/embedded/running-url.ts';
import { startEmbeddedPostgres } from '../database/embedded/start-embedded-postgres.ts';
import type { HqOpenProblem } from '../database/hq-open-problem.ts';
import { type HqDatabaseConfig, openHqDatabase } from '../database/open-hq-database.ts';
import { openPostgres } from '../database/open-postgres.ts';
import type { HqDeps, HqLog } from '../deps.ts';
import { openKeys } from '../keys/open-keys.ts';
import { createHqLog } from '../log.ts';
import { migrate } from '../migrate.ts';
import { HQ_MIGRATIONS } from '../migrations.ts';
import { databaseOf, type HqConfig, keysFolderOf, loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { type Complaint, complain, EXIT } from './io.ts';

/** The options of `withHqOptions`. */
export interface DatabaseOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** An HQ whose database is open, beside whatever HQ processes run on it. */
export interface OpenHq {
  readonly deps: HqDeps;
  readonly config: HqConfig;
  readonly database: HqDatabaseConfig;
  /** Address of the PostgreSQL server, password included; `null` on PGlite. */
  readonly url: string | null;
}

/**
 * Opens HQ's database, does `work` and closes it again. It works beside a running HQ on PostgreSQL, the embedded one
 * included; PGlite has room for one program. What cannot be opened is said with what to do, and exit code 2.
 */
export async function withDatabase(
  options: DatabaseOptions,
  system: HqSystem,
  work: (hq: OpenHq) => Promise<void>,
): Promise<void> {
  const config = loadHqConfig(options.config, { ...options });
  if (!config.ok) return complain(options.json, config.error, EXIT.usage);
  const opened = await openHq(config.value, system);
  if (!opened.ok) return complain(options.json, opened.error, EXIT.usage);
  try {
    await work(opened.value);
  } finally {
    await opened.value.deps.db.close();
  }
}

/** Opens HQ's database as {@link withDatabase} does; whoever calls closes `deps.db`. */
export async function openHq(
  config: HqConfig,
  system: HqSystem,
): Promise<Result<OpenHq, Complaint>> {
  const log = createHqLog('error');
  const keys = openKeys({ folder: keysFolderOf(config), random: system.random });
  if (!keys.ok) return keys;
  const database = databaseOf(config);
  const opened = await openDatabase(database, log);
  if (!opened.ok) return opened;
  const { db, url } = opened.value;
  const migrated = await migrate(db, HQ_MIGRATIONS);
  if (!migrated.ok) {
    await db.close();
    return migrated;
  }
  const { currency, timeZone } = config;
  const { nowMs, random, timers } = system;
  return ok({
    deps: { db, keys: keys.value, log, currency, timeZone, nowMs, random, timers },
    config,
    database,
    url,
  });
}

async function openDatabase(
  config: HqDatabaseConfig,
  log: HqLog,
): Promise<Result<{ db: HqDatabase; url: string | null }, HqOpenProblem>> {
  if (config.kind !== 'embedded') {
    const opened = await openHqDatabase(config, { log });
    const url = config.kind === 'server' ? config.url : null;
    return opened.ok ? ok({ db: opened.value, url }) : opened;
  }
  const server = await startEmbeddedPostgres({ ...config, log });
  if (!server.ok) {
    // A running HQ owns the server: there is room for one more client.
    const url =
      server.error.code === 'folder-in-use'
        ? runningUrl(join(config.folder, 'postgresql'))
        : undefined;
    if (url === undefined) return server;
    const beside = await openPostgres(url, { log });
    return beside.ok ? ok({ db: beside.value, url }) : beside;
  }
  const { url, stop } = server.value;
  const opened = await openPostgres(url, { log });
  if (!opened.ok) {
    await stop();
    return err(opened.error);
  }
  const close = (): Promise<void> => opened.value.close().finally(() => stop());
  return ok({ db: { ...opened.value, close }, url });
}
