import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CAPTURE_OFF, CAPTURE_ON } from '../../../ui/app/face-capture/tell-shell.ts';
import {
  CAPTURE_HEIGHT,
  CAPTURE_WIDTH,
  type CaptureWindow,
  holdCaptureWindow,
} from '../../../ui/shell/capture-window.ts';
import { passCapture } from '../../../ui/shell/pass-capture.ts';
import { FakeScreen, FakeWindow } from '../../support/electron/fake-electron.ts';
import { createFakeProcesses } from '../../support/electron/fake-process.ts';
import { openShellRig, shellFolder, until } from '../../support/electron/shell-rig.ts';

let windows: FakeWindow[];
let closed: number[];
let logged: string[];

beforeEach(() => {
  [windows, closed, logged] = [[], [], []];
});

function hold(
  screen: FakeScreen,
  settings: { faceCamera?: boolean; display?: number } = {},
): CaptureWindow {
  return holdCaptureWindow({
    settings: { faceCamera: true, display: 0, ...settings },
    screen: screen as never,
    Window: class extends FakeWindow {
      constructor(given: Record<string, unknown>) {
        super(given, 30);
        windows.push(this);
      }
    } as never,
    preload: '/program/preload.cjs',
    prepare: (window) => void window.loadURL('app://till/capture.html'),
    onClosed: (windowId) => void closed.push(windowId),
    log: (_level, message) => void logged.push(message),
  });
}

const FRAME = { parent: null, origin: 'app://till', url: 'app://till/capture.html' };
const says = (change: object = {}, id = 30) =>
  ({ sender: { id }, senderFrame: { ...FRAME, ...change } }) as never;

describe('the window at the camera', () => {
  test('is guarded like any page, takes neither keys nor touches, and is hidden until its page has something to show', () => {
    const capture = hold(new FakeScreen(2));
    const [window] = windows;
    expect(window?.options).toMatchObject({
      show: false,
      focusable: false,
      alwaysOnTop: true,
      frame: false,
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
    });
    expect([window?.loaded, window?.ignoresMouse, window?.shown, capture.id()]).toEqual([
      ['app://till/capture.html'],
      true,
      'no',
      30,
    ]);
    capture.show(says(), true);
    expect(window?.shown).toBe('inactive');
    capture.show(says(), false);
    expect(window?.shown).toBe('no');
  });

  test('lies in a corner of the display that the till does not use, where there is one', () => {
    const screen = new FakeScreen(1);
    const capture = hold(screen);
    capture.show(says(), true);
    const size = { width: CAPTURE_WIDTH, height: CAPTURE_HEIGHT };
    expect(windows[0]?.bounds).toEqual({ x: 1_366 - CAPTURE_WIDTH, y: 0, ...size });
    screen.plug(2);
    capture.show(says(), true);
    expect(windows[0]?.bounds).toEqual({ x: 1_366 + 1_024 - CAPTURE_WIDTH, y: 0, ...size });
    const second = hold(screen, { display: 1 });
    second.show(says(), true);
    expect(windows[1]?.bounds).toEqual({ x: 1_366 - CAPTURE_WIDTH, y: 0, ...size });
  });

  test.each([
    ['another window', says({}, 1), true],
    ['a frame inside the page', says({ parent: {} }), true],
    ['another page of the till', says({ url: 'app://till/customer' }), true],
    ['another origin', says({ origin: 'app://shell' }), true],
    ['a page that is gone', { sender: { id: 30 }, senderFrame: null } as never, true],
    ['something that is neither yes nor no', says(), 'true'],
  ])('is not shown for %s', (_who, request, shown) => {
    const capture = hold(new FakeScreen(2));
    capture.show(request, shown);
    expect([windows[0]?.shown, logged.length]).toEqual(['no', 1]);
  });

  test('hides what stands still when its page has crashed', () => {
    const capture = hold(new FakeScreen(2));
    capture.show(says(), true);
    windows[0]?.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    expect(windows[0]?.shown).toBe('no');
  });

  test('goes with the till, and is not there without its setting', () => {
    const capture = hold(new FakeScreen(2));
    capture.close();
    capture.show(says(), true);
    expect([windows[0]?.closed, windows[0]?.shown, capture.id(), closed]).toEqual([
      true,
      'no',
      undefined,
      [30],
    ]);
    const none = hold(new FakeScreen(2), { faceCamera: false });
    none.show(says(), true);
    expect([windows.length, none.id()]).toEqual([1, undefined]);
  });
});

test('the page is heard alone by its own window, and only whether it is to be seen', () => {
  const listeners: ((event: object) => void)[] = [];
  const page = {
    location: { origin: 'app://till' },
    addEventListener: (_: string, listener: (event: object) => void) =>
      void listeners.push(listener),
  };
  const sent: unknown[][] = [];
  passCapture(page as never, { send: (...given: unknown[]) => void sent.push(given) } as never);
  const post = (data: unknown, change: object = {}) => {
    for (const listener of listeners)
      listener({ source: page, origin: 'app://till', data, ...change });
  };
  post(CAPTURE_ON);
  post(CAPTURE_OFF);
  post(CAPTURE_ON, { source: {} });
  post(CAPTURE_ON, { origin: 'https://example.com' });
  post('toString');
  post({});
  expect(sent).toEqual([
    ['tillside:capture-shown', true],
    ['tillside:capture-shown', false],
  ]);
});

test('in the shell it gets a port that may do nothing but send frames, and alone the camera for faces', async () => {
  const folder = shellFolder();
  const processes = createFakeProcesses();
  mkdirSync(join(folder.root, 'config'), { recursive: true });
  writeFileSync(join(folder.root, 'config', 'shell.json'), '{ "faceCamera": true }');
  const shell = openShellRig({ root: folder.root, fork: processes.fork, hurry: true });
  const till = await shell.window();
  await until(() => shell.windows.length === 3 && processes.of('agent').length > 0);
  const capture = shell.windows[2] as FakeWindow;
  expect(capture.loaded).toEqual(['app://till/capture.html']);
  const [agent] = processes.of('agent');
  agent?.says({ type: 'open', address: 'http://127.0.0.1:1' });
  shell.send('tillside:port-request', capture);
  expect(agent?.heard('screen-port')).toMatchObject([{ page: 'capture' }]);
  const doors = shell.session.handlers as Record<string, (...given: unknown[]) => unknown>;
  const check = (window: FakeWindow) =>
    doors['check']?.(window.webContents, 'media', 'app://till', {
      isMainFrame: true,
      mediaType: 'video',
    });
  expect(shell.windows.map((window) => check(window))).toEqual([true, false, true]);
  shell.send('tillside:capture-shown', capture, true);
  expect(capture.shown).toBe('inactive');
  till.close();
  expect(capture.closed).toBe(true);
  folder.remove();
});
