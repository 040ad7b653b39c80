import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createHqProgram } from '../support/hq-program.ts';
import {
  online,
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  until,
  urlThrough,
} from '../support/synced-till.ts';
import { runTill } from '../support/till.ts';
import {
  balanceOf,
  expectWholeChains,
  readHqBooks,
  untilQuiet,
  withTillBooks,
} from './sync-books.ts';
import { received, sell } from './sync-checks.ts';

/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 10 * 60_000;

test('HQ restored from an old copy of its folder: told by `till hq restored`, its tills refill what it lost and the books are equal', {
  timeout: TEST_MS,
}, async () => {
  const hq = await createHqProgram({ database: 'pglite', members: 5 });
  onTestFinished(() => hq.remove());
  const folder = join(hq.data, 'db');
  const backup = join(hq.data, 'backup');
  await hq.start();
  const tills: SyncedTill[] = [];
  for (const tillId of ['till-1', 'till-2']) {
    const proxy = await startTillNetwork();
    proxy.pointTo(hq.process().port);
    const till = await startSyncedTill({
      ticket: await hq.ticket(tillId, urlThrough(proxy)),
      proxy,
    });
    onTestFinished(() => till.remove());
    tills.push(till);
  }
  const sellEverywhere = async () => {
    for (const till of tills) await received(till, (await sell(till)).seq);
  };
  // The first till is closed meanwhile and opens a session of its own, the other one runs through it.
  const stop = async () => {
    await tills[0]?.stop();
    await hq.stop();
  };
  const startAgain = async () => {
    await hq.start();
    for (const till of tills) {
      till.proxy.pointTo(hq.process().port);
      await (till === tills[0] ? till.start() : till.syncNow());
    }
  };

  await sellEverywhere();
  await stop();
  cpSync(folder, backup, { recursive: true });
  await startAgain();
  for (const till of tills) await online(till);
  await sellEverywhere();
  await sellEverywhere();

  await stop();
  rmSync(folder, { recursive: true });
  cpSync(backup, folder, { recursive: true });
  const place = ['--data', hq.data, '--keys', hq.facts.keysFolder, '--database', 'pglite'];
  const restored = await runTill(['hq', 'restored', ...place, '--json']);
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  await startAgain();
  // Places of two timelines may have the same number, so only this tells that the tills have begun anew.
  const { timeline } = await hq.overview();
  for (const till of tills)
    await until(
      `${till.tillId} on the timeline of the restored headquarters`,
      async () => ((await till.sync()).timeline === timeline ? true : undefined),
      () => till.till().log().slice(-2_000),
    );
  // Selling goes on in the same chains.
  await sellEverywhere();
  await untilQuiet(hq, tills);
  expect((await hq.overview()).alarms).toEqual([]);
  for (const till of tills) await till.stop();
  await hq.stop();

  const db = await hq.openDatabase();
  const books = await readHqBooks(db);
  await db.close();
  const chains = expectWholeChains(books, 'restored');
  expect(books.exceptions).toEqual([]);
  for (const till of tills)
    withTillBooks(till, ({ tillId, chain, hashes, pointsOf }) => {
      expect(chain.ok, chain.detail).toBe(true);
      expect(hashes).toHaveLength(4);
      expect(chains.get(tillId)).toEqual(hashes);
      expect(pointsOf('member-1')).toBe(balanceOf(books.accounts.get('member-1')));
    });
});
