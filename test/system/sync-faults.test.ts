import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newTestTill, register } from '../support/hq.ts';
import { createHqProgram, type HqProgram } from '../support/hq-program.ts';
import { cardOf } from '../support/small-chain.ts';
import {
  online,
  registerTill,
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  tryToRegister,
  until,
  urlThrough,
} from '../support/synced-till.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { prepareTillFolder, type TillFolder } from '../support/till.ts';
import { canMount, mountTmpfs } from '../support/tmpfs.ts';
import { withWrongClock } from '../support/wrong-clock.ts';
import { fillDisk, received, says, sell } from './sync-checks.ts';

/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 10 * 60_000;
const YEAR_MS = 365 * 24 * 60 * 60_000;

let hq: HqProgram;
const tills: SyncedTill[] = [];

beforeAll(async () => {
  hq = await createHqProgram({ database: 'pglite', members: 20 });
  await hq.start();
}, TEST_MS);
afterAll(async () => {
  for (const till of tills) await till.remove();
  await hq?.remove();
}, TEST_MS);

async function till(tillId: string, folder?: TillFolder): Promise<SyncedTill> {
  const proxy = await startTillNetwork();
  proxy.pointTo(hq.process().port);
  const ticket = await hq.ticket(tillId, urlThrough(proxy));
  if (folder !== undefined) await registerTill(folder, ticket);
  const started = await startSyncedTill({
    ...{ ticket, proxy },
    ...(folder === undefined ? {} : { folder }),
  });
  tills.push(started);
  return started;
}

test('A revoked till: it says so, and selling goes on', { timeout: TEST_MS }, async () => {
  const revoked = await till('revoked');
  const before = await sell(revoked);
  await received(revoked, before.seq);
  await hq.revoke('revoked');
  await says(revoked, 'Headquarters has revoked this till');
  const after = await sell(revoked);
  expect(after.seq).toBe(before.seq + 1);
  expect((await revoked.sync()).receivedSeq).toBe(before.seq);
});

test('Two data folders copied from one till: headquarters notices, both say so and go on selling', {
  timeout: TEST_MS,
}, async () => {
  const original = await till('copied');
  await received(original, (await sell(original)).seq);
  await original.stop();
  const copy = prepareTillFolder({});
  rmSync(copy.root, { recursive: true });
  cpSync(original.folder.root, copy.root, { recursive: true });
  const proxy = await startTcpProxy({ targetPort: original.proxy.port });
  await original.start();
  await online(original);
  const ticket = { tillId: 'copied' } as Awaited<ReturnType<typeof hq.ticket>>;
  const second = await startSyncedTill({ ticket, proxy, folder: copy });
  tills.push(second);
  const sentence = "This till's data folder was copied";
  await says(second, sentence);
  await original.syncNow();
  original.proxy.cut();
  await says(original, sentence);
  await sell(original);
  await sell(second);
  const { alarms } = await hq.overview();
  expect(alarms.map(({ code, tillId }) => [code, tillId])).toContainEqual([
    'till-copied',
    'copied',
  ]);
});

test('A clock a year off on either side: it is said by how much, and sales reach headquarters', {
  timeout: TEST_MS,
}, async () => {
  const off = await till('clocked');
  await received(off, (await sell(off)).seq);
  for (const shiftMs of [YEAR_MS, -YEAR_MS]) {
    await off.stop();
    await withWrongClock(shiftMs, () => off.start());
    await online(off);
    const seconds = String(-Math.round(shiftMs / 1_000)).slice(0, -2);
    await says(off, `headquarters is ${seconds}`);
    await received(off, (await sell(off)).seq);
  }
  await off.stop();
  await off.start();
  for (const shiftMs of [YEAR_MS, -YEAR_MS]) {
    await hq.stop();
    await withWrongClock(shiftMs, () => hq.start());
    for (const { proxy } of tills) proxy.pointTo(hq.process().port);
    await off.syncNow();
    await online(off);
    const seconds = String(Math.round(shiftMs / 1_000)).slice(0, -2);
    await says(off, `headquarters is ${seconds}`);
    await received(off, (await sell(off)).seq);
  }
  await hq.stop();
  await hq.start();
  for (const { proxy } of tills) proxy.pointTo(hq.process().port);
  await off.syncNow();
  await online(off);
  expect((await off.status()).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test.skipIf(!canMount())(
  'Disk full while applying: it is said, and with room again the till catches up (needs the right to mount)',
  { timeout: TEST_MS },
  async () => {
    const disk = mountTmpfs('24m');
    try {
      const full = await till('full', prepareTillFolder({ within: disk.folder }));
      const ballast = join(disk.folder, 'ballast');
      fillDisk(ballast);
      let purchases = 0;
      const stopBuying = new AbortController();
      const buying = (async () => {
        while (!stopBuying.signal.aborted) {
          purchases += 1;
          await hq.buyOnline({
            orderId: `full-${purchases}`,
            memberId: `member-${purchases % 20}`,
            amountMinor: 100,
            pointsEarned: 1,
          });
        }
      })();
      await says(full, 'The disk is full or fails').finally(() => stopBuying.abort());
      await buying;
      const refused = await full.pos().identify(cardOf(1));
      expect([refused.status, refused.body]).toMatchObject([507, { code: 'storage-full' }]);
      rmSync(ballast);
      await until('the trouble is over', async () => {
        const { state, troubles, pos } = await full.sync();
        const { head } = await hq.overview();
        return state === 'online' && troubles.length === 0 && pos === head ? true : undefined;
      });
      await received(full, (await sell(full)).seq);
      await full.remove();
      tills.splice(tills.indexOf(full), 1);
    } finally {
      disk.unmount();
    }
  },
);

// After the tests that register tills at this headquarters: guesses stop registration for a while.
test('A registration code used twice or guessed: the second till is told why, the first one goes on', {
  timeout: TEST_MS,
}, async () => {
  const proxy = await startTillNetwork();
  proxy.pointTo(hq.process().port);
  const ticket = await hq.ticket('coded', urlThrough(proxy));
  const first = await startSyncedTill({ ticket, proxy });
  tills.push(first);

  const folder = prepareTillFolder({});
  const twice = await tryToRegister(folder, ticket);
  expect([twice.code, JSON.parse(twice.stdout).error.code]).toEqual([1, 'code-used']);
  expect(twice.stdout).toContain('The registration code was used before');
  const guessed = await tryToRegister(folder, {
    ...ticket,
    code: `${ticket.code.slice(0, -4)}AAAA`,
  });
  expect([guessed.code, JSON.parse(guessed.stdout).error.code]).toEqual([1, 'code-wrong']);
  folder.remove();
  // A program that guesses is stopped for a while, and nobody else.
  const answers: string[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    const guesser = newTestTill({ ...ticket, code: `${ticket.code.slice(0, -4)}BB${10 + guess}` });
    answers.push((await register(hq.process(), guesser)).body.code);
  }
  expect(answers.at(0)).toBe('code-wrong');
  expect(answers.at(-1)).toBe('too-many-guesses');
  const { seq } = await sell(first);
  await received(first, seq);
});

test('HQ restarted in the middle of a snapshot: the till ends with the whole of it and sells', {
  timeout: TEST_MS,
}, async () => {
  const members = 1_500;
  const big = await createHqProgram({ database: 'pglite', members });
  const proxy = await startTcpProxy({
    targetPort: (await big.start()).port,
    bytesPerSecond: 24_000,
  });
  const folder = prepareTillFolder({});
  let started: SyncedTill | undefined;
  try {
    const ticket = await big.ticket('fresh', urlThrough(proxy));
    await registerTill(folder, ticket);
    const databases = () =>
      readdirSync(folder.dataDir).filter((name) => /^till-.*\.db$/.test(name));
    expect(databases()).toHaveLength(1);
    let open = false;
    const starting = startSyncedTill({ ticket, proxy, folder }).then((till) => {
      open = true;
      return till;
    });
    await until('the second file', async () => (databases().length === 2 ? true : undefined));
    expect(open, 'the copy is under way').toBe(false);
    await big.kill();
    await big.start();
    proxy.pointTo(big.process().port);
    proxy.fullSpeed();
    started = await starting;
    await started.syncNow();
    await online(started);
    await until(
      'the whole chain',
      async () => {
        const last = await started?.pos().identify(cardOf(members - 1));
        return last?.body.member?.points === 1_000 ? true : undefined;
      },
      () => started?.till().log().slice(-2_000) ?? '',
    );
    const { pos, snapshot } = await started.sync();
    expect(pos, JSON.stringify(snapshot)).toBe((await big.overview()).head);
    await received(started, (await sell(started)).seq);
  } finally {
    await started?.remove();
    if (started === undefined) await proxy.close();
    await big.remove();
  }
});
