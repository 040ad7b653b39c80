import type { BrowserWindow } from 'electron';
import type { ShellProblem } from '../../agent/contract/shell-message.ts';
import { text } from '../../agent/contract/text.ts';
import { createCrashCount } from './crash-count.ts';
import type { ShellLog, ShellTimers } from './shell-log.ts';

/** A screen whose process ended is loaded again after this time. */
export const SCREEN_RELOAD_MS = 500;
/** So many crashes within the window end the loading again. */
export const SCREEN_CRASHES_MAX = 5;
export const SCREEN_CRASH_WINDOW_MS = 5 * 60_000;
/** A screen that has not answered for this long is ended and loaded again. */
export const UNRESPONSIVE_LIMIT_MS = 15_000;

export interface ScreenRecoveryOptions {
  readonly window: Pick<BrowserWindow, 'on'> & {
    readonly webContents: Pick<BrowserWindow['webContents'], 'on' | 'forcefullyCrashRenderer'>;
  };
  /** Loads what the window should show. */
  readonly load: () => void;
  readonly onPageGone: () => void;
  readonly onHopeless: (problem: ShellProblem) => void;
  readonly timers: ShellTimers;
  readonly monoMs: () => number;
  readonly log: ShellLog;
}

/** Brings a screen back that crashed or hangs. The agent, and with it every sale, lives in another process. */
export function recoverScreen(options: ScreenRecoveryOptions): void {
  const { window, load, onPageGone, onHopeless, timers, monoMs, log } = options;
  const crashes = createCrashCount(SCREEN_CRASH_WINDOW_MS, monoMs);
  let patience: unknown;

  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    timers.clear(patience);
    onPageGone();
    if (reason === 'clean-exit') return;
    const count = crashes.note();
    log('error', 'the screen ended; loading it again', { reason, exitCode, count });
    if (count >= SCREEN_CRASHES_MAX) {
      crashes.forgive();
      return onHopeless(crashedTooOften(reason));
    }
    timers.set(SCREEN_RELOAD_MS, load);
  });
  // The page's end of its port dies with the document.
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) onPageGone();
  });
  window.on('unresponsive', () => {
    log('warn', 'the screen does not answer');
    timers.clear(patience);
    patience = timers.set(UNRESPONSIVE_LIMIT_MS, () =>
      window.webContents.forcefullyCrashRenderer(),
    );
  });
  window.on('responsive', () => {
    timers.clear(patience);
    log('info', 'the screen answers again');
  });
}

function crashedTooOften(reason: string): ShellProblem {
  return {
    code: 'screen-crashed',
    message: text(
      `屏幕程序连续意外停止了 ${SCREEN_CRASHES_MAX} 次`,
      `The screen stopped unexpectedly ${SCREEN_CRASHES_MAX} times in a row`,
    ),
    remedy: text(
      '请重试一次；如果再次停止，请把日志发给技术支持',
      'Try again once; if it stops again, send the log to support',
    ),
    detail: reason,
  };
}
