import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import { findServerPrograms } from '../../sync/hq/database/embedded/server-programs.ts';
import { findServerUser } from '../../sync/hq/database/embedded/server-user.ts';
import { startEmbeddedPostgres } from '../../sync/hq/database/embedded/start-embedded-postgres.ts';
import { overPglite, PGLITE_FOLDER } from '../../sync/hq/database/open-pglite.ts';
import { openPostgres } from '../../sync/hq/database/open-postgres.ts';
import { migrate } from '../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../sync/hq/migrations.ts';
import { must } from './must.ts';

/** The database of the servers from {@link copyServerImage} that holds HQ's schema and nothing else. */
export const TEMPLATE = 'tillside_template';

const PGLITE = fileURLToPath(new URL('../../node_modules/@electric-sql/pglite', import.meta.url));
/** Thrown away with the packages that its files are made from. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/tillside', import.meta.url));

/** What images are made from beside their engine: another schema, or another way of making them, asks for others. */
const MADE_FROM = ['sync/hq/migrate.ts', 'sync/hq/database/embedded/make-cluster.ts'];
const sources = MADE_FROM.map((path) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8'),
);
const schemaDigest = createHash('sha256')
  .update(JSON.stringify([HQ_MIGRATIONS, sources]))
  .digest('hex')
  .slice(0, 12);

/** A PGlite in memory with HQ's schema, from an image that is made once: making one anew takes four times as long. */
export async function startPglite(): Promise<HqDatabase> {
  const path = await cached('pglite-memory', await pgliteVersion(), async (making) => {
    const pglite = await PGlite.create();
    await makeSchema(overPglite(pglite, null));
    const dump = await pglite.dumpDataDir('none');
    await pglite.close();
    await writeFile(making, Buffer.from(await dump.arrayBuffer()));
  });
  const image = await readFile(path);
  return overPglite(await PGlite.create({ loadDataDir: new Blob([image]) }), null);
}

/** Puts a PGlite with HQ's schema into the folder of HQ's database, for its first start. */
export async function copyPgliteImage(folder: string): Promise<void> {
  const path = await cached('pglite-folder', await pgliteVersion(), async (making) => {
    const pglite = await PGlite.create({ dataDir: making });
    await makeSchema(overPglite(pglite, null));
    await pglite.close();
  });
  cpSync(path, join(folder, PGLITE_FOLDER), { recursive: true });
}

async function pgliteVersion(): Promise<string> {
  return JSON.parse(await readFile(join(PGLITE, 'package.json'), 'utf8')).version;
}

/** Puts a cluster of the embedded server, with the database {@link TEMPLATE}, into HQ's folder for its first start. */
export async function copyServerImage(folder: string): Promise<void> {
  const image = await cached('postgresql', must(findServerPrograms()).version, makeServerImage);
  const dataDir = join(folder, 'postgresql');
  cpSync(image, dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  const user = must(findServerUser());
  if (user === null) return;
  for (const name of ['', ...(await readdir(dataDir, { recursive: true }))])
    chownSync(join(dataDir, name), user.uid, user.gid);
}

async function makeServerImage(making: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-postgresql-'));
  const log = () => {};
  const server = must(await startEmbeddedPostgres({ folder, log, durable: false }));
  const admin = must(await openPostgres(server.url, { log, poolMax: 1 }));
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.close();
  const db = must(await openPostgres(server.urlOf(TEMPLATE), { log, poolMax: 1 }));
  await makeSchema(db);
  await db.close();
  await server.stop();
  cpSync(join(folder, 'postgresql'), making, { recursive: true });
  await rm(folder, { recursive: true, force: true });
}

async function makeSchema(db: HqDatabase): Promise<void> {
  must(await migrate(db, HQ_MIGRATIONS));
  // Each database made from an image gets a timeline of its own.
  await db.query("DELETE FROM hq_meta WHERE name = 'timeline'");
}

/** The path of an image; `make` writes it where there is none. Those of other versions are removed then. */
async function cached(
  kind: 'pglite-memory' | 'pglite-folder' | 'postgresql',
  version: string,
  make: (making: string) => Promise<void>,
): Promise<string> {
  const image = `${kind}-${version}-${schemaDigest}`;
  const path = join(CACHE, image);
  if (existsSync(path)) return path;
  await mkdir(CACHE, { recursive: true });
  for (const name of await readdir(CACHE))
    if (name.startsWith(`${kind}-`) && name !== image)
      await rm(join(CACHE, name), { recursive: true, force: true });
  const making = join(CACHE, `making-${kind}-${process.pid}`);
  await make(making);
  await rename(making, path).catch(async (error: NodeJS.ErrnoException) => {
    await rm(making, { recursive: true, force: true });
    // Another test file was quicker, and a folder is not replaced.
    if (!existsSync(path)) throw error;
  });
  return path;
}
