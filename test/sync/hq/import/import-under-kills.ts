import { join } from 'node:path';
import { expect } from 'vitest';
import { createPrng } from '../../../../demo/prng.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import {
  type HqDatabaseConfig,
  openHqDatabase,
} from '../../../../sync/hq/database/open-hq-database.ts';
import { importFile } from '../../../../sync/hq/import/import-file.ts';
import { IMPORT_PROBLEMS } from '../../../../sync/hq/import/import-problem.ts';
import { migrate } from '../../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../../sync/hq/migrations.ts';
import { type HqDatabases, must, quietLog } from '../../../support/hq-database.ts';
import { copyPgliteImage } from '../../../support/hq-images.ts';
import { writeMemberFile } from '../../../support/member-file.ts';
import { problemsOf, stateOf, testDeps, testFolder, withStores } from './import-support.ts';
import { runImport } from './run-import.ts';

/**
 * Imports a generated file once in one go and once in processes that are killed with -9 at random moments, and expects
 * the same HQ and a report that names each faulty row.
 */
export async function expectKillsToChangeNothing(
  hq: HqDatabases,
  { rows, kills }: { rows: number; kills: number },
): Promise<void> {
  const seed = Number(process.env['TILLSIDE_SEED'] ?? Date.now() % 1_000_000);
  process.stdout.write(`import kill test: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`);
  const prng = createPrng(seed);
  const folder = testFolder();
  const path = join(folder, 'members.csv');
  const file = writeMemberFile(path, rows);

  const clean = await hq.fresh();
  await withStores(clean);
  const once = must(await importFile(testDeps(clean), { kind: 'members', path }));
  expect(once).toMatchObject({
    rowsRead: rows,
    rowsRefused: file.refused.length,
    rowsMerged: file.merged,
    rowsAdded: rows - file.refused.length - file.merged,
  });
  const refused = (await problemsOf(clean, once.importId)).filter(
    ({ code }) => IMPORT_PROBLEMS[code].kind === 'refused',
  );
  expect(refused.map(({ rowNo, field, code }) => ({ rowNo, field, code }))).toEqual(file.refused);
  expect(refused.every(({ message }) => message['zh-CN'] !== '' && message.en !== '')).toBe(true);
  const expected = await stateOf(clean);

  const { config, open } = await killable(hq, folder);
  let before = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const rest = Math.floor((rows - before) / (kills - kill + 1));
    const at = { rows: before + prng.between(1, Math.max(1, rest)), delayMs: prng.between(0, 120) };
    const run = await runImport(config, path, { killAfter: at });
    expect(run.summary, 'it was killed before its end').toBeUndefined();
    expect(run.rows).toBeGreaterThan(before);
    before = run.rows;
  }
  const last = await runImport(config, path);
  expect(last.summary?.resumedAfterRows).toBeGreaterThanOrEqual(before);
  const db = await open();
  expect(await stateOf(db)).toEqual(expected);
  await db.close();
}

/** A database that processes of their own open one after the other. */
export async function killable(
  hq: HqDatabases,
  folder: string,
): Promise<{ config: HqDatabaseConfig; open: () => Promise<HqDatabase> }> {
  if (hq.engine === 'postgresql') {
    const db = await hq.fresh();
    await withStores(db);
    return { config: { kind: 'server', url: hq.urlOf(db) }, open: async () => db };
  }
  const config = { kind: 'pglite', folder: join(folder, 'db') } as const;
  const open = async (): Promise<HqDatabase> =>
    must(await openHqDatabase(config, { log: quietLog }));
  await copyPgliteImage(config.folder);
  const db = await open();
  must(await migrate(db, HQ_MIGRATIONS));
  await withStores(db);
  await db.close();
  return { config, open };
}
