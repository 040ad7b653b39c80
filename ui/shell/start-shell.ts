import { join } from 'node:path';
import type * as Electron from 'electron';
import type { ShellProblem } from '../../agent/contract/shell-message.ts';
import { text } from '../../agent/contract/text.ts';
import { CAPTURE_PAGE, LEAVE_KIOSK_PAGE, SCHEME, STOPPED_PAGE, TILL_ORIGIN } from './addresses.ts';
import { type ForkProgram, startAgentProcess } from './agent-process.ts';
import { superviseAgent } from './agent-supervisor.ts';
import { APP_SCHEME, createAppProtocol } from './app-protocol.ts';
import { setAutoStart } from './auto-start.ts';
import { type CaptureWindow, holdCaptureWindow } from './capture-window.ts';
import { ACTION_CHANNEL, CAPTURE_CHANNEL, PORT_REQUEST_CHANNEL } from './channels.ts';
import { type CustomerWindow, keepCustomerWindow } from './customer-window.ts';
import { type Account, defaultDataDir, settingsFile, tillSettingsFile } from './folders.ts';
import { holdKiosk } from './kiosk.ts';
import { guardNavigation } from './navigation.ts';
import { guardPermissions } from './permissions.ts';
import { createPortBroker } from './port-broker.ts';
import { recoverScreen } from './screen-recovery.ts';
import { loadSettings, type ShellSettings, shellSettingsSchema } from './settings.ts';
import { createShellActions } from './shell-actions.ts';
import type { ShellLog, ShellTimers } from './shell-log.ts';
import { leaveKioskPage, stoppedPage } from './shell-pages.ts';
import { createSystemSealer } from './system-sealing.ts';
import { focusWindow, openTillWindow, webPreferences } from './till-window.ts';

/** The parts of Electron that the shell works with. */
export type ShellElectron = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'ipcMain'
  | 'Menu'
  | 'MessageChannelMain'
  | 'powerMonitor'
  | 'protocol'
  | 'safeStorage'
  | 'screen'
  | 'session'
>;

/** What the shell takes from the machine besides. */
export interface ShellSystem extends Account {
  /** Folder of the program's own files: the screens, the preload script, the agent and the drivers. */
  readonly programDir: string;
  readonly execPath: string;
  readonly timers: ShellTimers;
  /** A clock that only goes forward, in milliseconds. */
  readonly monoMs: () => number;
  readonly fork: ForkProgram;
  readonly log: ShellLog;
  readonly logFile: string;
}

/**
 * Starts the desktop program, or hands over to the one that runs already. The order matters: first the lock, then what
 * must be said before Electron is ready, then the doors, and the window last.
 */
export function startShell(electron: ShellElectron, system: ShellSystem): void {
  const { app, protocol } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  protocol.registerSchemesAsPrivileged([APP_SCHEME]);
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => guardNavigation(contents, system.log));
  app.on('child-process-gone', (_event, { type, name, reason, exitCode }) =>
    system.log('warn', 'a process ended', { type, name, reason, exitCode }),
  );
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(() => openShell(electron, system));
}

async function openShell(electron: ShellElectron, system: ShellSystem): Promise<void> {
  const { app, BrowserWindow, ipcMain, protocol, session } = electron;
  const { log, timers, monoMs, programDir, logFile } = system;
  const configDir = app.getPath('userData');
  const loaded = loadSettings(settingsFile(configDir));
  const settings: ShellSettings = loaded.ok ? loaded.value : shellSettingsSchema.parse({});
  let facePackFolder: string | undefined;
  let windowId: number | undefined;
  let customer: CustomerWindow | undefined;
  let capture: CaptureWindow | undefined;
  let problem: ShellProblem | undefined = loaded.ok ? undefined : loaded.error;

  electron.Menu.setApplicationMenu(null);
  guardPermissions(
    session.defaultSession,
    (id) => (id === windowId ? 'till' : id === capture?.id() ? 'capture' : undefined),
    log,
  );
  protocol.handle(
    SCHEME,
    createAppProtocol({
      uiFolder: join(programDir, 'ui'),
      facePackFolder: () => facePackFolder,
      shellPage(path) {
        if (path === '/stopped') return stoppedPage(problem, logFile, settings.kiosk);
        return path === '/leave-kiosk' ? leaveKioskPage() : undefined;
      },
    }),
  );

  const preload = join(programDir, 'preload.cjs');
  const window = openTillWindow(BrowserWindow, {
    settings,
    displays: electron.screen.getAllDisplays(),
    preload,
  });
  const tillId = window.webContents.id;
  windowId = tillId;
  const tillPage = `${TILL_ORIGIN}${settings.screen === 'manager' ? '/manager' : '/'}`;
  const load = (): void => {
    window
      .loadURL(problem === undefined ? tillPage : STOPPED_PAGE)
      .catch((cause: unknown) => log('error', 'a page did not load', { cause: String(cause) }));
  };
  const show = (now: ShellProblem | undefined): void => {
    if (now === problem) return;
    problem = now;
    load();
  };

  const broker = createPortBroker({
    windowIds: () => [tillId, customer?.id(), capture?.id()],
    newChannel: () => new electron.MessageChannelMain(),
    log,
  });
  const sealer = createSystemSealer(electron.safeStorage, system.platform);
  const tillSettings = tillSettingsFile(configDir, settings);
  const supervisor = superviseAgent({
    launch: (events) =>
      startAgentProcess({
        fork: system.fork,
        newChannel: () => new electron.MessageChannelMain(),
        sealer,
        settings: {
          dataDir: settings.dataDir ?? defaultDataDir(system),
          ...(tillSettings === undefined ? {} : { configFile: tillSettings }),
          version: app.getVersion(),
          logLevel: 'info',
        },
        timers,
        log,
        ...events,
      }),
    broker,
    timers,
    monoMs,
    log,
    onOpen(folder) {
      facePackFolder = folder;
      show(undefined);
    },
    onStopped: show,
  });
  const kiosk = holdKiosk({
    window,
    on: settings.kiosk,
    openDialog() {
      const dialog = new BrowserWindow({
        parent: window,
        modal: true,
        width: 520,
        height: 440,
        resizable: false,
        autoHideMenuBar: true,
        webPreferences: webPreferences(preload),
      });
      void dialog.loadURL(LEAVE_KIOSK_PAGE);
      return dialog;
    },
    check: supervisor.leaveKiosk,
    log,
  });

  recoverScreen({
    window,
    load,
    onPageGone: () => broker.pageGone(tillId),
    onHopeless: show,
    timers,
    monoMs,
    log,
  });
  /** A page that needs no person: it waits for the agent by itself, and one that crashes too often stays away. */
  function prepare(display: Electron.BrowserWindow, page: string, onHopeless: () => void): void {
    const displayId = display.webContents.id;
    const show = (): void => {
      // Its screen may have been taken away while it waited to be loaded again.
      if (display.isDestroyed()) return;
      display
        .loadURL(page)
        .catch((cause: unknown) => log('error', 'a page did not load', { cause: String(cause) }));
    };
    recoverScreen({
      window: display,
      load: show,
      onPageGone: () => broker.pageGone(displayId),
      onHopeless,
      timers,
      monoMs,
      log,
    });
    show();
  }
  ipcMain.on(PORT_REQUEST_CHANNEL, (event) => broker.request(event));
  ipcMain.on(CAPTURE_CHANNEL, (event, shown: unknown) => capture?.show(event, shown));
  const act = createShellActions({
    windowIds: () => [tillId, kiosk.dialogId()],
    retry() {
      // Settings are read once, at the start.
      if (!loaded.ok) {
        app.relaunch();
        return app.exit(0);
      }
      show(undefined);
      supervisor.retry();
    },
    leaveKiosk: kiosk.leave,
    leaveStopped() {
      if (supervisor.isOpen()) return PIN_NEEDED;
      kiosk.leaveStopped();
      return undefined;
    },
    log,
  });
  ipcMain.handle(ACTION_CHANNEL, act);
  electron.powerMonitor.on('suspend', () => supervisor.power(true));
  electron.powerMonitor.on('resume', () => supervisor.power(false));
  app.on('second-instance', () => focusWindow(window));
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    kiosk.release();
    customer?.close();
    capture?.close();
    void supervisor.close().then(() => {
      closed = true;
      app.quit();
    });
  });

  load();
  if (!loaded.ok) return;
  customer = keepCustomerWindow({
    settings,
    screen: electron.screen,
    Window: BrowserWindow,
    preload,
    prepare: (display) => prepare(display, CUSTOMER_PAGE, () => customer?.close()),
    onClosed: broker.pageGone,
    log,
  });
  // Else the display would keep a program alive whose till is gone.
  window.once('closed', customer.close);
  capture = holdCaptureWindow({
    settings,
    screen: electron.screen,
    Window: BrowserWindow,
    preload,
    prepare: (at) => prepare(at, `${TILL_ORIGIN}${CAPTURE_PAGE}`, () => capture?.close()),
    onClosed: broker.pageGone,
    log,
  });
  window.once('closed', capture.close);
  supervisor.start();
  try {
    setAutoStart(app, system, system.execPath, settings.autoStart);
  } catch (cause) {
    log('warn', 'the start at sign-in could not be set', { cause: String(cause) });
  }
}

const CUSTOMER_PAGE = `${TILL_ORIGIN}/customer`;

const PIN_NEEDED = text(
  '收银台在运行：按 Ctrl+Shift+K 并输入店长 PIN',
  "The till runs: press Ctrl+Shift+K and enter a manager's PIN",
);
