import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { HqLog } from '../../deps.ts';
import { lockFolder } from '../folder-lock.ts';
import { type HqOpenProblem, hqOpenProblem } from '../hq-open-problem.ts';
import { CLUSTER_USER, makeCluster, PASSWORD_FILE } from './make-cluster.ts';
import { openWay, reachablePrograms } from './prepare-folder.ts';
import { SERVER_LOG, type ServerProcess, startServerProcess } from './server-process.ts';
import { findServerPrograms } from './server-programs.ts';
import { findServerUser } from './server-user.ts';
import { clearStaleServer } from './stale-server.ts';

/** A server that recovers after a power cut may take long; past this it counts as not started, in milliseconds. */
export const START_MS = 10 * 60_000;
/** Ports that are tried where another program takes the free one just found. */
const PORT_TRIES = 5;
/** Pause before a server that ended by itself is started again, in milliseconds. */
const RESTART_MS = 1_000;
const LOOK_EVERY_MS = 25;

export interface EmbeddedOptions {
  /** HQ's folder: the cluster lies in `postgresql`, its log beside it. */
  readonly folder: string;
  /** Port on 127.0.0.1; a free one unless given. */
  readonly port?: number;
  readonly log: HqLog;
  /** Only for tests: false gives safety against power cuts up for speed. */
  readonly durable?: boolean;
}

export interface EmbeddedServer {
  /** Address of the database `postgres`, with the password in it. */
  readonly url: string;
  /** The address of another database of the same server. */
  urlOf(database: string): string;
  /** Fast shutdown; gives the folder free. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of our own in a folder, made at the first start. It listens on 127.0.0.1 alone, asks for a
 * random password, syncs every commit to the disk, is started again where it ends by itself, and ends with HQ. What an
 * HQ that was killed left behind is ended first.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedOptions,
): Promise<Result<EmbeddedServer, HqOpenProblem>> {
  const folder = resolve(options.folder);
  if (existsSync(join(folder, 'pglite')))
    return err(hqOpenProblem('folder-of-another-kind', `${folder}: PGlite`));
  const lock = lockFolder(folder);
  if (!lock.ok) return lock;
  const started = await startLocked({ ...options, folder }).catch((error: Error) =>
    err(hqOpenProblem('server-not-started', error.message)),
  );
  if (!started.ok) {
    lock.value.release();
    return started;
  }
  const { stop } = started.value;
  return ok({ ...started.value, stop: () => stop().finally(() => lock.value.release()) });
}

async function startLocked(
  options: EmbeddedOptions,
): Promise<Result<EmbeddedServer, HqOpenProblem>> {
  const { folder, durable = true } = options;
  const found = findServerPrograms();
  if (!found.ok) return found;
  const user = findServerUser();
  if (!user.ok) return user;
  if (user.value !== null) {
    const way = await openWay(folder, user.value);
    if (!way.ok) return way;
  }
  const programs =
    user.value === null ? found.value : await reachablePrograms(found.value, user.value, folder);
  const dataDir = join(folder, 'postgresql');
  const place = { programs, user: user.value, folder, dataDir, durable };
  if (!existsSync(dataDir)) {
    const made = await makeCluster({ ...place, password: randomBytes(24).toString('hex') });
    if (!made.ok) return made;
  }
  const major = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
  if (major !== programs.version.split('.')[0])
    return err(hqOpenProblem('version-differs', `${major}, ${programs.version}`));
  const password = (await readFile(join(dataDir, PASSWORD_FILE), 'utf8')).trim();

  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    const urlOf = (database: string) =>
      `postgresql://${CLUSTER_USER}:${password}@127.0.0.1:${port}/${database}`;
    const launch = () =>
      launchServer(() => startServerProcess({ ...place, port }), place, urlOf('postgres'));
    const first = await launch();
    if (first.ok) return ok(supervise(first.value, launch, urlOf, options.log));
    if (options.port !== undefined || tries >= PORT_TRIES) return first;
  }
}

/** Starts the server once and waits until it answers. */
async function launchServer(
  start: () => ServerProcess,
  { folder, dataDir }: { folder: string; dataDir: string },
  url: string,
): Promise<Result<ServerProcess, HqOpenProblem>> {
  if (!(await clearStaleServer(dataDir)))
    return err(hqOpenProblem('folder-in-use', `${dataDir}: postmaster.pid`));
  const server = start();
  let how: number | string | null = null;
  void server.ended.then((code) => {
    how = code;
  });
  for (let waitedMs = 0; how === null && waitedMs < START_MS; waitedMs += LOOK_EVERY_MS) {
    if (await answers(url)) return ok(server);
    await sleep(LOOK_EVERY_MS);
  }
  await server.stop();
  const said = await lastLines(join(folder, SERVER_LOG));
  const full = said.includes('No space left on device');
  return err(hqOpenProblem(full ? 'disk-full' : 'server-not-started', `${how}: ${said}`));
}

/** Starts the server again where it ends by itself, until HQ stops it. */
function supervise(
  first: ServerProcess,
  launch: () => Promise<Result<ServerProcess, HqOpenProblem>>,
  urlOf: (database: string) => string,
  log: HqLog,
): EmbeddedServer {
  let server: ServerProcess | null = first;
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();

  function watch(one: ServerProcess): void {
    void one.ended.then((how) => {
      if (stopping) return;
      log('error', 'the embedded database ended by itself and is started again', { how });
      restarting = restart();
    });
  }

  async function restart(): Promise<void> {
    server = null;
    while (!stopping && server === null) {
      await sleep(RESTART_MS);
      if (stopping) return;
      const again = await launch();
      if (again.ok) server = again.value;
      else
        log('error', again.error.message.en, {
          code: again.error.code,
          detail: again.error.detail,
        });
    }
    if (server !== null) watch(server);
  }

  watch(first);
  return {
    url: urlOf('postgres'),
    urlOf,
    async stop() {
      stopping = true;
      await restarting;
      await server?.stop();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // Told by `connect` as well.
  try {
    await client.connect();
    return true;
  } catch {
    return false; // Not up yet; whether it ever will be, its process tells.
  } finally {
    await client.end().catch(() => {}); // Nothing to end where nothing began.
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => ''); // No log: nothing more to tell.
  return text.trim().split('\n').slice(-5).join(' | ');
}
