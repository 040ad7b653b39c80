import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SyncView } from '../../agent/contract/index.ts';
import { keyFileFor } from '../../agent/main/open-locked.ts';
import { sealedKeyFile } from '../../agent/main/shell-keys.ts';
import { createTillLink, readError, type TillLink } from '../../ui/app/link.ts';
import { createUtilityProcesses, REPOSITORY } from '../support/electron/fake-utility-process.ts';
import { openPage, openShellRig, shellFolder, until } from '../support/electron/shell-rig.ts';
import { askHq, startTestHq, type TestHq } from '../support/hq.ts';
import { must } from '../support/hq-database.ts';
import { seedSmallChain } from '../support/seed-small-chain.ts';
import { CASHIER, MANAGER } from '../support/small-chain.ts';
import { prepareTillFolder, startTill } from '../support/till.ts';

const program = join(REPOSITORY, 'dist', 'desktop');
const processes = createUtilityProcesses();
const home = shellFolder();
let hq: TestHq;

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build-desktop.ts', '--reuse-screens'], {
    cwd: REPOSITORY,
  });
  hq = await startTestHq({ stores: [] });
  await seedSmallChain(hq.deps, 20);
}, 120_000);

afterAll(async () => {
  await processes.killAll();
  await hq.close();
  home.remove();
});

const ticketFor = async (tillId: string): Promise<string> =>
  JSON.stringify(must(await hq.ticket(tillId, 's1')));

/** Waits until the page is served and sync looks so. */
async function untilSync(page: TillLink, holds: (view: SyncView) => boolean): Promise<void> {
  await until(async () => {
    if (page.state().phase !== 'open') return false;
    try {
      return holds(await page.client.screen.sync.show());
    } catch {
      // The till starts again meanwhile; the page asks the next one.
      return false;
    }
  });
}

const hasStaff = async (page: TillLink): Promise<boolean> =>
  (await page.client.screen.staff.list()).staff.length > 0;

async function revoke(tillId: string): Promise<void> {
  const answer = await askHq(hq, `/v1/admin/tills/${tillId}/revoke`, {
    token: await hq.token(),
    body: { tillId, reason: 'stolen' },
  });
  expect(answer.status).toBe(200);
}

test('an installed desktop till with nothing but its program is registered at its own screen, revoked, and registered again', async () => {
  process.env['XDG_CONFIG_HOME'] = join(home.root, 'xdg');
  const dataDir = join(home.root, 'data', 'tillside', 'till');
  const shell = openShellRig({
    root: home.root,
    programDir: program,
    fork: (name) => processes.fork(join(program, `${name}.js`)),
  });
  const page = openPage(shell, await shell.window());
  await untilSync(page, ({ state }) => state === 'not-configured');
  const { sync, staff } = page.client.screen;

  const ticket = await ticketFor('sh-11');
  const bad = await sync.register({ ticket: ticket.slice(0, 50) });
  expect(bad).toMatchObject({ registered: false, reason: { code: 'ticket-invalid' } });
  expect(await sync.register({ ticket })).toMatchObject({
    registered: true,
    tillId: 'sh-11',
    storeId: 's1',
  });
  await untilSync(page, (view) => view.state === 'online' && view.snapshot.state !== 'loading');
  await until(() => hasStaff(page));
  expect(await page.client.pos.status()).toMatchObject({ tillId: 'sh-11', storeId: 's1' });
  expect(shell.messages()).not.toContain('the agent ended; starting it again');

  const denied = await sync.register({ ticket }).catch(readError);
  expect(denied).toMatchObject({ code: 'staff-required' });
  await staff.signIn(CASHIER);
  expect(await sync.register({ ticket }).catch(readError)).toMatchObject({ code: 'role-required' });

  await revoke('sh-11');
  await staff.signIn(MANAGER);
  await sync.now();
  await untilSync(page, ({ state }) => state === 'stopped');
  expect(await sync.register({ ticket: await ticketFor('sh-12') })).toMatchObject({
    registered: false,
    reason: { code: 'ticket-other-till' },
  });
  expect(await sync.register({ ticket: await ticketFor('sh-11') })).toMatchObject({
    registered: true,
  });
  await untilSync(page, ({ state }) => state === 'online');
  expect(existsSync(dataDir)).toBe(true);
  const sealed = readFileSync(sealedKeyFile(keyFileFor(dataDir, undefined)), 'utf8');
  expect(JSON.parse(sealed)).toHaveProperty('sealed');
  page.close();
  await shell.quit();
}, 120_000);

test('a till that runs without a window is registered in the browser and starts again at its port', async () => {
  const folder = prepareTillFolder({});
  const till = await startTill(folder);
  const kept = new Map<string, string>();
  let code = new URLSearchParams(new URL(till.links['cashier'] ?? '').hash.slice(1)).get('code');
  const page = createTillLink({
    openSocket() {
      const socket = new WebSocket(`${till.address.replace('http', 'ws')}/ws`);
      // Nobody listens while the till starts again; the link hears the close and comes back.
      socket.on('error', () => undefined);
      return socket as never;
    },
    storage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    },
    code: () => code ?? undefined,
    forgetCode: () => {
      code = null;
    },
    random: () => 0.5,
    epochMs: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, Math.min(delayMs, 50));
      return () => clearTimeout(timer);
    },
  });
  await untilSync(page, ({ state }) => state === 'not-configured');
  const registered = await page.client.screen.sync.register({ ticket: await ticketFor('sh-21') });
  expect(registered).toMatchObject({ registered: true, tillId: 'sh-21' });
  await untilSync(page, ({ state }) => state === 'online');
  await until(() => hasStaff(page));
  page.close();
  expect(await till.stop()).toBe(0);
  folder.remove();
}, 120_000);
