import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SEALING_LIMIT_MS } from '../../../ui/shell/agent-process.ts';
import { AGENT_CRASHES_MAX } from '../../../ui/shell/agent-supervisor.ts';
import { startShell } from '../../../ui/shell/start-shell.ts';
import { createFakeElectron, preventable } from '../../support/electron/fake-electron.ts';
import { createFakeProcesses, type FakeProcess } from '../../support/electron/fake-process.ts';
import { openShellRig, shellFolder, until } from '../../support/electron/shell-rig.ts';

let folder: ReturnType<typeof shellFolder>;
let processes: ReturnType<typeof createFakeProcesses>;

beforeEach(() => {
  folder = shellFolder();
  processes = createFakeProcesses();
});
afterEach(() => folder.remove());

function settings(content: string): void {
  mkdirSync(join(folder.root, 'config'), { recursive: true });
  writeFileSync(join(folder.root, 'config', 'shell.json'), content);
}

const open = (backend?: string) =>
  openShellRig({
    root: folder.root,
    fork: processes.fork,
    hurry: true,
    ...(backend === undefined ? {} : { backend }),
  });

const PROBLEM = {
  code: 'key-unreadable',
  message: { 'zh-CN': '打不开', en: 'Does not open' },
  remedy: { 'zh-CN': '解锁', en: 'Unlock' },
};

/** The nth agent, once it was started. */
async function agent(nth = 0): Promise<FakeProcess> {
  await until(() => processes.of('agent').length > nth);
  return processes.of('agent')[nth] as FakeProcess;
}

describe('a second instance', () => {
  test('ends at once and starts nothing', () => {
    const fake = createFakeElectron({ userData: folder.root });
    fake.app.locked = false;
    startShell(fake.electron, { fork: processes.fork } as never);
    expect([fake.app.quits, fake.windows, processes.started, fake.schemes]).toEqual([
      1,
      [],
      [],
      [],
    ]);
  });

  test('brings the window of the first to the front', async () => {
    const shell = open();
    const window = await shell.window();
    window.minimized = true;
    shell.app.emit('second-instance');
    expect([window.minimized, window.focused]).toEqual([false, 1]);
  });
});

describe('the window', () => {
  test('has no Node, one world apart and a sandbox, and opens with the screen of its settings', async () => {
    settings('{ "screen": "manager", "display": 1 }');
    const shell = open();
    const window = await shell.window();
    expect(shell.app.sandboxed).toBe(true);
    expect(window.loaded).toEqual(['app://till/manager']);
    expect(window.options).toMatchObject({ x: 1_366, kiosk: false });
    expect(window.options['webPreferences']).toEqual({
      preload: join(folder.root, 'program', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    });
  });

  test('is guarded from its first page on: navigation, windows, permissions', async () => {
    const shell = open();
    const window = await shell.window();
    const event = preventable({ url: 'https://example.com/', isMainFrame: true });
    window.webContents.emit('will-navigate', event);
    expect(event.prevented).toBe(true);
    expect(window.webContents.openHandler?.({ url: 'https://example.com/' })).toEqual({
      action: 'deny',
    });
    expect(Object.keys(shell.session.handlers).sort()).toEqual([
      'ask',
      'check',
      'device',
      'display',
      'request',
    ]);
  });
});

describe('the customer display', () => {
  test('opens on the second display with its own page and gets a port of its own', async () => {
    const shell = open();
    const window = await shell.window();
    await until(() => shell.windows.length === 2);
    const display = shell.windows[1] as typeof window;
    expect(display.loaded).toEqual(['app://till/customer']);
    (await agent()).says({ type: 'open', address: 'http://127.0.0.1:1' });
    for (const each of [window, display]) shell.send('tillside:port-request', each);
    const ports = [window, display].map(({ webContents }) => webContents.frame.received.length);
    expect(ports).toEqual([1, 1]);
  });

  test('goes when the window of the till closes', async () => {
    const shell = open();
    const window = await shell.window();
    await until(() => shell.windows.length === 2);
    window.close();
    expect(shell.windows[1]?.closed).toBe(true);
  });

  test('is not there where the settings turn it off', async () => {
    settings('{ "customerScreen": false }');
    const shell = open();
    await shell.window();
    await agent();
    expect(shell.windows).toHaveLength(1);
  });
});

describe('the agent', () => {
  test('is told before the computer sleeps and after it woke, so that no device sleeps in its hands', async () => {
    const shell = open();
    await shell.window();
    const running = await agent();
    running.says({ type: 'open', address: 'http://127.0.0.1:1' });
    shell.powerMonitor.emit('suspend');
    shell.powerMonitor.emit('resume');
    expect(running.heard('power').map(({ asleep }) => asleep)).toEqual([true, false]);
  });

  test('is told what the till is, and how the system keeps secrets', async () => {
    settings('{ "dataDir": "/srv/till" }');
    writeFileSync(join(folder.root, 'config', 'till.json'), '{}');
    open();
    expect((await agent()).told[0]?.data).toEqual({
      type: 'start',
      dataDir: '/srv/till',
      configFile: join(folder.root, 'config', 'till.json'),
      version: '9.9.9-test',
      logLevel: 'info',
      sealing: { kind: 'system-store', backend: 'gnome_libsecret' },
    });
  });

  test('that crashes five times is given up: a plain page says so, what to do and where the log is', async () => {
    const shell = open();
    const window = await shell.window();
    for (let nth = 0; nth < AGENT_CRASHES_MAX; nth += 1) {
      expect(window.loaded).toEqual(['app://till/']);
      (await agent(nth)).emit('exit', 1);
    }
    await until(() => window.loaded.length > 1);
    expect(window.loaded).toEqual(['app://till/', 'app://shell/stopped']);
    const html = await (await shell.request('app://shell/stopped')).text();
    for (const part of ['agent-crashed', '再试一次', 'Try again', '/var/log/tillside.log'])
      expect(html).toContain(part);
    await new Promise((settle) => setTimeout(settle, 50));
    expect(processes.of('agent')).toHaveLength(AGENT_CRASHES_MAX);
  });

  test('that was given up starts again by the button of that page, and the screens come back', async () => {
    const shell = open();
    const window = await shell.window();
    for (let nth = 0; nth < AGENT_CRASHES_MAX; nth += 1) (await agent(nth)).emit('exit', 1);
    await until(() => window.loaded.includes('app://shell/stopped'));
    expect(await shell.send('tillside:shell-action', window, { action: 'retry' })).toEqual({});
    (await agent(AGENT_CRASHES_MAX)).says({ type: 'open', address: 'http://127.0.0.1:1' });
    expect(window.loaded.at(-1)).toBe('app://till/');
  });

  test('that says why it does not start is not started again', async () => {
    const shell = open();
    const window = await shell.window();
    const first = await agent();
    first.says({
      type: 'refused',
      problem: {
        code: 'folder-in-use',
        message: { 'zh-CN': '占用', en: 'In use <b>' },
        remedy: { 'zh-CN': '关闭', en: 'Close the other' },
      },
    });
    first.emit('exit', 2);
    await until(() => window.loaded.includes('app://shell/stopped'));
    const html = await (await shell.request('app://shell/stopped')).text();
    expect(html).toContain('In use &lt;b&gt;');
    expect(html).toContain('Close the other');
    expect(processes.of('agent')).toHaveLength(1);
  });

  test('gets its drivers as a sibling process, joined by a channel, and learns of their end', async () => {
    open();
    const first = await agent();
    first.says({ type: 'spawn', role: 'drivers', processId: 3 });
    const [drivers] = processes.of('drivers');
    expect(drivers?.told.map(({ ports }) => ports.length)).toEqual([1]);
    expect(first.heard('process-port')).toEqual([
      { type: 'process-port', processId: 3, pid: 4_711 },
    ]);
    expect(first.told.at(-1)?.ports[0]?.peer).toBe(drivers?.told[0]?.ports[0]);
    drivers?.emit('exit', 9);
    expect(first.heard('process-ended')).toEqual([
      { type: 'process-ended', processId: 3, exitCode: 9 },
    ]);
  });

  test('takes its drivers with it when it ends', async () => {
    open();
    const first = await agent();
    first.says({ type: 'spawn', role: 'drivers', processId: 0 });
    first.emit('exit', 1);
    expect(processes.of('drivers')[0]?.killed).toBe(1);
  });

  test('gets no third driver process beside two that run', async () => {
    open();
    const first = await agent();
    for (const processId of [0, 1, 2]) first.says({ type: 'spawn', role: 'drivers', processId });
    expect(processes.of('drivers')).toHaveLength(2);
    expect(first.heard('process-ended')).toEqual([
      { type: 'process-ended', processId: 2, exitCode: null },
    ]);
  });

  test('has secrets sealed and opened by the system, and hears why that failed', async () => {
    open();
    const first = await agent();
    first.says({ type: 'seal', requestId: 1, text: 'abc' });
    await until(() => first.heard('sealing-answer').length === 1);
    const { answer } = first.heard('sealing-answer')[0] as { answer: { value: string } };
    expect(Buffer.from(answer.value, 'base64').toString()).toBe('sealed:cba');
    first.says({ type: 'unseal', requestId: 2, sealed: answer.value });
    first.says({ type: 'unseal', requestId: 3, sealed: 'AAAA' });
    await until(() => first.heard('sealing-answer').length === 3);
    expect(first.heard('sealing-answer').slice(1)).toEqual([
      { type: 'sealing-answer', requestId: 2, answer: { ok: true, value: 'abc' } },
      { type: 'sealing-answer', requestId: 3, answer: { ok: false, detail: 'not sealed here' } },
    ]);
  });

  test('that says last words is told to end, so that they are not lost with it', async () => {
    open();
    const first = await agent();
    await until(() => first.heard('start').length === 1);
    first.says({ type: 'restart' });
    expect(first.heard('stop')).toHaveLength(1);
    first.emit('exit', 0);
    const second = await agent(1);
    second.says({ type: 'refused', problem: PROBLEM });
    expect(second.heard('stop')).toHaveLength(1);
  });

  test('learns at each start whether the keyring is open, and not once for ever', async () => {
    const shell = open();
    shell.safeStorage.isAsyncEncryptionAvailable = async () => false;
    const first = await agent();
    await until(() => first.heard('start').length === 1);
    expect(first.heard('start')[0]?.['sealing']).toMatchObject({ kind: 'none' });
    first.says({ type: 'refused', problem: PROBLEM });
    first.emit('exit', 2);
    const window = await shell.window();
    await until(() => window.loaded.includes('app://shell/stopped'));
    shell.safeStorage.isAsyncEncryptionAvailable = async () => true;
    await shell.send('tillside:shell-action', window, { action: 'retry' });
    const second = await agent(1);
    await until(() => second.heard('start').length === 1);
    expect(second.heard('start')[0]?.['sealing']).toMatchObject({ kind: 'system-store' });
  });

  test('is not started beside a key store that fails: a page says so, and trying again asks it again', async () => {
    const shell = open();
    shell.safeStorage.isAsyncEncryptionAvailable = () => Promise.reject(new Error('D-Bus is gone'));
    const window = await shell.window();
    await until(() => window.loaded.includes('app://shell/stopped'));
    const html = await (await shell.request('app://shell/stopped')).text();
    for (const part of ['key-store-failed', 'D-Bus is gone', '解锁系统密钥环'])
      expect(html).toContain(part);
    expect((await agent()).heard('start')).toEqual([]);
    shell.safeStorage.isAsyncEncryptionAvailable = async () => true;
    await shell.send('tillside:shell-action', window, { action: 'retry' });
    const second = await agent(1);
    await until(() => second.heard('start').length === 1);
  });

  test('does not wait for ever for a key store that hangs', async () => {
    const shell = openShellRig({
      root: folder.root,
      fork: processes.fork,
      hurryUpTo: SEALING_LIMIT_MS,
    });
    const first = await agent();
    await until(() => first.heard('start').length === 1);
    shell.safeStorage.decryptStringAsync = () => new Promise(() => undefined);
    first.says({ type: 'unseal', requestId: 1, sealed: 'AAAA' });
    await until(() => first.heard('sealing-answer').length === 1);
    expect(first.heard('sealing-answer')[0]?.['answer']).toMatchObject({
      ok: false,
      detail: expect.stringContaining(`${SEALING_LIMIT_MS} ms`),
    });
  });

  test('that says what nobody understands is not obeyed', async () => {
    const shell = open();
    const first = await agent();
    first.says({ type: 'spawn', role: 'shell', processId: 0 });
    first.says({ type: 'seal', requestId: 0, text: 'x'.repeat(8_193) });
    expect(processes.started).toHaveLength(1);
    expect(shell.messages().filter((m) => m.includes('nobody understands'))).toHaveLength(2);
  });
});

describe('kiosk', () => {
  const leave = { action: 'leave-stopped' };

  test('is left from the stopped page without a PIN: nothing can be sold there', async () => {
    settings('{ "kiosk": true }');
    const shell = open();
    const window = await shell.window();
    const first = await agent();
    first.says({ type: 'refused', problem: PROBLEM });
    first.emit('exit', 2);
    await until(() => window.loaded.includes('app://shell/stopped'));
    const html = await (await shell.request('app://shell/stopped')).text();
    expect(html).toContain('data-action="leave-stopped"');
    expect(await shell.send('tillside:shell-action', window, leave)).toEqual({});
    expect(window.kiosk).toBe(false);
    expect(shell.messages()).toContain('the window left kiosk');
  });

  test('is not left so while the till runs, whatever page is shown', async () => {
    settings('{ "kiosk": true }');
    const shell = open();
    const window = await shell.window();
    (await agent()).says({ type: 'open', address: 'http://127.0.0.1:1' });
    await window.loadURL('app://shell/stopped');
    expect(await shell.send('tillside:shell-action', window, leave)).toHaveProperty('refusal');
    expect(window.kiosk).toBe(true);
  });
});

describe('settings of the window', () => {
  test('a wrong field is named on the stopped page, and the till is not started with a guess', async () => {
    settings('{ "kiosk": "yes" }');
    const shell = open();
    const window = await shell.window();
    expect(window.loaded).toEqual(['app://shell/stopped']);
    const html = await (await shell.request('app://shell/stopped')).text();
    expect(html).toContain('The setting kiosk of the window is wrong');
    expect(processes.started).toEqual([]);
    await shell.send('tillside:shell-action', window, { action: 'retry' });
    expect([shell.app.relaunches, shell.app.exits]).toEqual([1, [0]]);
  });
});

describe('the end of the program', () => {
  test('waits until the agent has closed the till', async () => {
    const shell = open();
    const first = await agent();
    shell.app.quit();
    expect([shell.app.quits, first.heard('stop').length]).toEqual([0, 1]);
    first.emit('exit', 0);
    await until(() => shell.app.quits === 1);
    expect(processes.of('agent')).toHaveLength(1);
  });

  test('does not wait for ever for an agent that hangs', async () => {
    const shell = open();
    const first = await agent();
    shell.app.quit();
    await until(() => shell.app.quits === 1);
    expect(first.killed).toBe(1);
  });
});

test('a process of the program that ends is on the log', async () => {
  const shell = open();
  await shell.window();
  shell.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 5 });
  expect(shell.log.at(-1)).toMatchObject({
    message: 'a process ended',
    fields: { type: 'GPU', reason: 'crashed' },
  });
});

test('a system without a keyring is on the log, and the agent is told so', async () => {
  const shell = open('basic_text');
  expect((await agent()).told[0]?.data['sealing']).toMatchObject({ kind: 'none' });
  expect(shell.messages()).toContain('the system keeps no secrets well');
});
