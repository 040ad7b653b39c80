import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { keyFileFor } from '../../agent/main/open-locked.ts';
import { sealedKeyFile } from '../../agent/main/shell-keys.ts';
import { AGENT_CRASHES_MAX } from '../../ui/shell/agent-supervisor.ts';
import { createUtilityProcesses, REPOSITORY } from '../support/electron/fake-utility-process.ts';
import { openPage, openShellRig, shellFolder, until } from '../support/electron/shell-rig.ts';
import { testWithProgram } from '../support/machine.ts';
import { startPty } from '../support/pty.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, runTill } from '../support/till.ts';

const onSerialLine = testWithProgram('socat');
const program = join(REPOSITORY, 'dist', 'desktop');
const home = shellFolder();
const processes = createUtilityProcesses();
const folder = prepareTillFolder({
  rules: SMALL_RULES,
  chain: smallChain(3),
  config: { devices: [{ id: 'sim', driver: 'sim-scanner', owner: 'agent' }] },
});
const keyFile = keyFileIn(home.root);

/** The agent looks for its key where the account keeps settings; the account of this test has a home of its own. */
function keyFileIn(root: string): string {
  process.env['XDG_CONFIG_HOME'] = join(root, 'xdg');
  return keyFileFor(folder.dataDir, undefined);
}

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build-desktop.ts', '--reuse-screens'], {
    cwd: REPOSITORY,
  });
  // A till that ran headless before: its key lies in a file.
  await loadChain({ ...folder, keyFile });
  mkdirSync(join(home.root, 'config'), { recursive: true });
});
beforeEach(() => settings());

afterAll(async () => {
  await processes.killAll();
  folder.remove();
  home.remove();
});

/** Settings of the window, as IT writes them. */
function settings(change: Record<string, unknown> = {}): void {
  const all = { dataDir: folder.dataDir, tillSettings: folder.configFile, ...change };
  writeFileSync(join(home.root, 'config', 'shell.json'), JSON.stringify(all));
}

function openTill() {
  return openShellRig({
    root: home.root,
    programDir: program,
    fork: (name) => processes.fork(join(program, `${name}.js`)),
  });
}

/** The last process that was started from a bundle. */
function last(name: 'agent' | 'drivers') {
  return processes.started.findLast(({ entry }) => entry.endsWith(`${name}.js`))?.child;
}

it('the built agent opens the till under its sealed key and serves the page over one port', async () => {
  const shell = openTill();
  const page = openPage(shell, await shell.window());
  await until(() => page.state().phase === 'open');
  const status = await page.client.pos.status();
  expect(status).toMatchObject({ name: 'tillside', version: '9.9.9-test', ruleSetVersion: 1 });

  expect(existsSync(keyFile), 'the key file has moved').toBe(false);
  const sealed = readFileSync(sealedKeyFile(keyFile), 'utf8');
  expect(JSON.parse(sealed)).toMatchObject({ format: 1, backend: 'gnome_libsecret' });
  expect(dirname(sealedKeyFile(keyFile)).startsWith(folder.dataDir)).toBe(false);

  const doctor = await runTill(['doctor', '--data', folder.dataDir, '--json']);
  expect(JSON.parse(doctor.stdout)).toContainEqual({
    check: 'key',
    ok: true,
    detail: "kept by the system's key store (gnome_libsecret)",
  });
  page.close();
  await shell.quit();
  expect(last('agent')?.exitCode).toBe(0);
});

it('a computer that goes to sleep lets its devices go first, and opens them afresh after it', async () => {
  const shell = openTill();
  const page = openPage(shell, await shell.window());
  await until(() => page.state().phase === 'open');
  const devicesAre = async (wanted: string) =>
    (await page.client.pos.status()).devices.every(({ state }) => state === wanted);
  await until(() => devicesAre('ready'));
  shell.powerMonitor.emit('suspend');
  await until(() => devicesAre('paused'));
  shell.powerMonitor.emit('resume');
  await until(() => devicesAre('ready'));
  page.close();
  await shell.quit();
});

it('a driver process that is killed is started again by the shell, and the sale goes on unharmed', async () => {
  const shell = openTill();
  const page = openPage(shell, await shell.window());
  await until(() => page.state().phase === 'open');
  const { pos, screen } = page.client;
  await screen.staff.signIn(CASHIER);
  const who = await pos.identifications.create({ text: cardOf(1) });
  const evaluated = await pos.baskets.evaluate({
    id: 'b1' as never,
    currency: 'CNY',
    identificationId: who.identificationId,
    lines: [{ lineId: 'a', sku: 'tea', qty: 1, unitPriceMinor: 1_250 }] as never,
  });
  const ready = async () => (await pos.status()).devices.every(({ state }) => state === 'ready');
  await until(ready);

  const killed = last('drivers');
  killed?.kill('SIGKILL');
  await until(() => killed?.signalCode === 'SIGKILL');
  const held = await pos.evaluations.hold({
    id: evaluated.evaluationId,
    basketHash: evaluated.basketHash,
  });
  expect(held.state).toBe('HELD');
  await until(() => last('drivers') !== killed);
  await until(ready);
  const sold = await pos.evaluations.commit({
    params: { id: evaluated.evaluationId },
    headers: { 'idempotency-key': 'receipt-1' } as never,
    body: { basketHash: evaluated.basketHash, referenceId: 'R1' } as never,
  });
  expect(sold).toMatchObject({ kind: 'sale', state: 'COMMITTED' });
  page.close();
  await shell.quit();
});

onSerialLine('the built drivers read a serial line: a scan reaches the page', async () => {
  const pty = await startPty();
  const withScanner = join(home.root, 'till-with-scanner.json');
  const device = { id: 'counter', driver: 'serial-scanner', path: pty.path, owner: 'agent' };
  const config = JSON.parse(readFileSync(folder.configFile, 'utf8')) as object;
  writeFileSync(withScanner, JSON.stringify({ ...config, devices: [device] }));
  settings({ tillSettings: withScanner });
  const shell = openTill();
  const page = openPage(shell, await shell.window());
  await until(() => page.state().phase === 'open');
  await page.client.screen.staff.signIn(CASHIER);
  await until(async () => (await page.client.pos.status()).devices[0]?.state === 'ready');
  pty.write(`${cardOf(2)}\r`);
  await until(async () => (await page.client.screen.identifications.pending()) !== null);
  page.close();
  await shell.quit();
  await pty.stop();
});

it('an agent that is killed is started again, and the page is connected again by a fresh port', async () => {
  const shell = openTill();
  const window = await shell.window();
  const page = openPage(shell, window);
  await until(() => page.state().phase === 'open');
  const killed = last('agent');
  killed?.kill('SIGKILL');
  await until(() => page.state().phase !== 'open');
  await until(() => page.state().phase === 'open');
  expect(last('agent')).not.toBe(killed);
  expect(await page.client.pos.status()).toMatchObject({ name: 'tillside' });
  expect(window.loaded).toEqual(['app://till/']);
  page.close();
  await shell.quit();
});

it('an agent that is killed five times in a row is given up, and the stopped page says so', async () => {
  const before = processes.started.length;
  const shell = openShellRig({
    root: home.root,
    programDir: program,
    hurry: true,
    fork: (name) => processes.fork(join(program, `${name}.js`)),
  });
  const window = await shell.window();
  for (let nth = 0; nth < AGENT_CRASHES_MAX; nth += 1) {
    const agents = () =>
      processes.started.slice(before).filter(({ entry }) => entry.endsWith('agent.js'));
    await until(() => agents().length > nth);
    agents()[nth]?.child.kill('SIGKILL');
  }
  await until(() => window.loaded.includes('app://shell/stopped'));
  expect(await (await shell.request('app://shell/stopped')).text()).toContain('agent-crashed');
  await shell.quit();
});

it('kiosk is left with the PIN of a manager of this till, and with no other', async () => {
  settings({ kiosk: true });
  const shell = openTill();
  const window = await shell.window();
  const page = openPage(shell, window);
  await until(() => page.state().phase === 'open');
  window.close();
  expect([window.kiosk, window.closed]).toEqual([true, false]);
  window.webContents.emit(
    'before-input-event',
    { preventDefault: () => undefined },
    { type: 'keyDown', control: true, shift: true, key: 'K' },
  );
  const dialog = shell.windows.at(-1);
  if (dialog === undefined) throw new Error('nobody asks for the PIN');
  const leave = (managerId: string, pin: string) =>
    shell.send('tillside:shell-action', dialog, { action: 'leave-kiosk', managerId, pin });
  expect(await leave(CASHIER.staffId, CASHIER.pin)).toHaveProperty('refusal');
  expect(await leave(MANAGER.staffId, '0000')).toHaveProperty('refusal');
  expect(window.kiosk).toBe(true);
  expect(await leave(MANAGER.staffId, MANAGER.pin)).toEqual({});
  expect([window.kiosk, dialog.closed]).toEqual([false, true]);
  page.close();
  await shell.quit();
});

it('a key that the system no longer opens stops the till with what to do, and is never replaced', async () => {
  const before = readFileSync(sealedKeyFile(keyFile), 'utf8');
  const shell = openShellRig({
    root: home.root,
    programDir: program,
    backend: 'basic_text',
    fork: (name) => processes.fork(join(program, `${name}.js`)),
  });
  const window = await shell.window();
  await until(() => window.loaded.includes('app://shell/stopped'));
  const html = await (await shell.request('app://shell/stopped')).text();
  expect(html).toContain('key-unreadable');
  expect(html).toContain('unlock its keyring');
  expect(readFileSync(sealedKeyFile(keyFile), 'utf8')).toBe(before);
  expect(existsSync(keyFile)).toBe(false);
  await shell.quit();
});
