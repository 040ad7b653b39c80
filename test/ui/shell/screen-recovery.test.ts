import { beforeEach, expect, test } from 'vitest';
import {
  recoverScreen,
  SCREEN_CRASHES_MAX,
  SCREEN_RELOAD_MS,
  UNRESPONSIVE_LIMIT_MS,
} from '../../../ui/shell/screen-recovery.ts';
import { FakeWindow } from '../../support/electron/fake-electron.ts';

let window: FakeWindow;
let waits: { delayMs: number; run: () => void; cleared: boolean }[];
let loads: number;
let gone: number;
let hopeless: string[];

beforeEach(() => {
  window = new FakeWindow({}, 1);
  [waits, loads, gone, hopeless] = [[], 0, 0, []];
  recoverScreen({
    window: window as never,
    load: () => {
      loads += 1;
    },
    onPageGone: () => {
      gone += 1;
    },
    onHopeless: ({ code }) => void hopeless.push(code),
    timers: {
      set(delayMs, run) {
        const wait = { delayMs, run, cleared: false };
        waits.push(wait);
        return wait;
      },
      clear: (wait) => {
        if (wait !== undefined) (wait as { cleared: boolean }).cleared = true;
      },
    },
    monoMs: () => 0,
    log: () => undefined,
  });
});

function crash(reason = 'crashed'): void {
  window.webContents.emit('render-process-gone', {}, { reason, exitCode: 1 });
}

test('a screen whose process ended is loaded again, and its port counts as closed', () => {
  crash();
  expect([gone, loads, waits[0]?.delayMs]).toEqual([1, 0, SCREEN_RELOAD_MS]);
  waits[0]?.run();
  expect(loads).toBe(1);
});

test('a screen that ended in good order is left alone', () => {
  crash('clean-exit');
  expect([gone, waits]).toEqual([1, []]);
});

test('a screen that crashes again and again is given up', () => {
  for (let nth = 1; nth < SCREEN_CRASHES_MAX; nth += 1) crash('oom');
  expect(hopeless).toEqual([]);
  crash('oom');
  expect([hopeless, waits.length]).toEqual([['screen-crashed'], SCREEN_CRASHES_MAX - 1]);
});

test('a screen that hangs is ended after a while, unless it answers before', () => {
  window.emit('unresponsive');
  window.emit('responsive');
  expect(waits.map(({ delayMs, cleared }) => [delayMs, cleared])).toEqual([
    [UNRESPONSIVE_LIMIT_MS, true],
  ]);
  window.emit('unresponsive');
  waits[1]?.run();
  expect(window.webContents.crashedByForce).toBe(1);
});

test('a page that is left for another document loses its port, one that only moves in itself does not', () => {
  const start = (isMainFrame: boolean, isSameDocument: boolean) =>
    window.webContents.emit('did-start-navigation', { isMainFrame, isSameDocument });
  start(true, true);
  start(false, false);
  expect(gone).toBe(0);
  start(true, false);
  expect(gone).toBe(1);
});
