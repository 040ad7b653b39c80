/** Process entry of the desktop program: hands Electron, the clock and the machine on, and decides nothing. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  MessageChannelMain,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  utilityProcess,
} from 'electron';
import { createLineCutter, createLogFile } from './log-file.ts';
import type { ShellLog } from './shell-log.ts';
import { startShell } from './start-shell.ts';

/** A program that ran this long before it broke is started again; one that breaks at once is not. */
const RELAUNCH_AFTER_MS = 60_000;

// Crash dumps would hold members' data in clear: Electron's crash reporter is never started, so none is written or sent.
const programDir = import.meta.dirname;
const logFile = join(app.getPath('logs'), 'tillside.log');
const write = createLogFile(logFile);
const log: ShellLog = (level, message, fields = {}) =>
  write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));

function breakDown(cause: unknown): void {
  log('error', 'the shell broke', { stack: cause instanceof Error ? cause.stack : String(cause) });
  if (performance.now() > RELAUNCH_AFTER_MS) app.relaunch();
  app.exit(1);
}
process.on('uncaughtException', breakDown);
process.on('unhandledRejection', breakDown);

startShell(
  {
    app,
    BrowserWindow,
    ipcMain,
    Menu,
    MessageChannelMain,
    powerMonitor,
    protocol,
    safeStorage,
    screen,
    session,
  },
  {
    platform: process.platform,
    env: process.env,
    homeDir: homedir(),
    programDir,
    execPath: process.execPath,
    monoMs: () => performance.now(),
    timers: {
      set: (delayMs, run) => setTimeout(run, delayMs),
      clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    fork(program) {
      const child = utilityProcess.fork(join(programDir, `${program}.js`), [], {
        serviceName: `tillside-${program}`,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.on('data', createLineCutter(write));
      return child;
    },
    log,
    logFile,
  },
);
