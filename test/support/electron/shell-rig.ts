import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UtilityProcess } from 'electron';
import { createTillLink, type TillLink } from '../../../ui/app/link.ts';
import type { LinkPort } from '../../../ui/app/link-environment.ts';
import { AGENT_RESTART_LONGEST_MS } from '../../../ui/shell/agent-supervisor.ts';
import { PORT_CHANNEL, PORT_REQUEST_CHANNEL } from '../../../ui/shell/channels.ts';
import { startShell } from '../../../ui/shell/start-shell.ts';
import { createFakeElectron, type FakeWindow } from './fake-electron.ts';
import type { FakePort } from './fake-port.ts';

/** Waits until `holds` does; the test's own limit ends a wait that is in vain. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

export interface ShellRigOptions {
  readonly root: string;
  readonly programDir?: string;
  readonly backend?: string;
  /** Displays of the machine; absent = 2. */
  readonly displays?: number;
  readonly fork: (program: 'agent' | 'drivers') => UtilityProcess;
  /** Shortens the waits between starts; absent = as they are. */
  readonly hurry?: boolean;
  /** Shortens every wait up to this one, in milliseconds. */
  readonly hurryUpTo?: number;
}

/** The whole shell on fakes of Electron's objects, with the log that it writes. */
export function openShellRig(options: ShellRigOptions) {
  const fake = createFakeElectron({
    userData: join(options.root, 'config'),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...(options.displays === undefined ? {} : { displays: options.displays }),
  });
  const { hurryUpTo = options.hurry === true ? AGENT_RESTART_LONGEST_MS : 0 } = options;
  const log: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const handles = new Set<NodeJS.Timeout>();
  startShell(fake.electron, {
    platform: 'linux',
    env: { XDG_CONFIG_HOME: join(options.root, 'xdg'), XDG_DATA_HOME: join(options.root, 'data') },
    homeDir: options.root,
    programDir: options.programDir ?? join(options.root, 'program'),
    execPath: '/opt/Tillside/tillside',
    monoMs: () => performance.now(),
    timers: {
      set(delayMs, run) {
        const short = delayMs <= hurryUpTo;
        const handle = setTimeout(run, short ? Math.min(delayMs, 5) : delayMs);
        // A limit that a test never reaches must not keep its process alive.
        handle.unref();
        handles.add(handle);
        return handle;
      },
      clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    fork: options.fork,
    log: (level, message, fields = {}) => void log.push({ level, message, fields }),
    logFile: '/var/log/tillside.log',
  });
  return {
    ...fake,
    log,
    messages: () => log.map(({ message }) => message),
    /** The till's window, once it is open. */
    async window(): Promise<FakeWindow> {
      await until(() => fake.windows[0]?.loaded.length !== undefined && loaded(fake.windows[0]));
      return fake.windows[0] as FakeWindow;
    },
    /** Ends the program as the system does, and waits for it. */
    async quit(): Promise<void> {
      fake.app.quit();
      await until(() => fake.app.quits > 0);
      for (const handle of handles) clearTimeout(handle);
    },
  };
}
export type ShellRig = ReturnType<typeof openShellRig>;

function loaded(window: FakeWindow): boolean {
  return window.loaded.length > 0;
}

/** The page in a window: the real link of the screens, over the port that the shell hands to its frame. */
export function openPage(rig: ShellRig, window: FakeWindow): TillLink {
  return createTillLink({
    shell: {
      requestPort(given) {
        const { frame } = window.webContents;
        frame.onMessage = (channel, [port]) => {
          if (channel !== PORT_CHANNEL || port === undefined) return;
          given(asPagePort(port), (closed) => port.on('close', closed));
        };
        rig.send(PORT_REQUEST_CHANNEL, window);
        return () => undefined;
      },
    },
    openSocket: () => {
      throw new Error('a page of the desktop program opens no socket');
    },
    storage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
    code: () => undefined,
    forgetCode: () => undefined,
    random: () => 0.5,
    epochMs: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, Math.min(delayMs, 20));
      return () => clearTimeout(timer);
    },
  });
}

/** The page's end of a channel: a `MessagePort` of the DOM. */
function asPagePort(port: FakePort): LinkPort {
  const target = {
    postMessage: (data: unknown) => port.postMessage(data),
    addEventListener: (type: string, listener: (event: unknown) => void) =>
      void port.on(type, listener),
    start: () => port.start(),
    close: () => port.close(),
  };
  target.start();
  return target as unknown as LinkPort;
}

/** A folder for one shell: its settings, its data and its keys. */
export function shellFolder(): { readonly root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'tillside-shell-'));
  return {
    root,
    remove: () => {
      if (existsSync(root)) rmSync(root, { recursive: true, force: true });
    },
  };
}
