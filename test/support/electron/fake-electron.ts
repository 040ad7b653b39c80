import { EventEmitter } from 'node:events';
import type { ShellElectron } from '../../../ui/shell/start-shell.ts';
import { FakeChannel, type FakePort } from './fake-port.ts';

/** An event that can be prevented. */
export function preventable<Fields extends object>(fields: Fields) {
  return {
    ...fields,
    prevented: false,
    preventDefault() {
      this.prevented = true;
    },
  };
}

/** A frame of a page, as `ipcMain` and `webContents` know it. */
export class FakeFrame {
  parent: FakeFrame | null = null;
  destroyed = false;
  readonly received: { channel: string; ports: FakePort[] }[] = [];
  readonly origin: string;
  readonly url: string;
  onMessage: (channel: string, ports: FakePort[]) => void = () => undefined;

  constructor(origin: string, url = `${origin}/`) {
    this.origin = origin;
    this.url = url;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  postMessage(channel: string, _message: unknown, ports: FakePort[]): void {
    this.received.push({ channel, ports });
    this.onMessage(channel, ports);
  }
}

export class FakeContents extends EventEmitter {
  url = '';
  frame = new FakeFrame('');
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  crashedByForce = 0;
  readonly id: number;

  constructor(id: number) {
    super();
    this.id = id;
  }

  getURL(): string {
    return this.url;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  forcefullyCrashRenderer(): void {
    this.crashedByForce += 1;
  }

  /** Another document in the main frame; its predecessor's ports die with it. */
  navigate(url: string): FakeFrame {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url });
    this.frame.destroyed = true;
    for (const { ports } of this.frame.received) for (const port of ports) port.close();
    this.url = url;
    const place = new URL(url);
    this.frame = new FakeFrame(`${place.protocol}//${place.host}`, url);
    return this.frame;
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents: FakeContents;
  readonly loaded: string[] = [];
  readonly options: Record<string, unknown> & { kiosk?: boolean };
  kiosk: boolean;
  minimized = false;
  focused = 0;
  closed = false;
  shown: 'no' | 'active' | 'inactive' = 'no';
  bounds: object | undefined;
  ignoresMouse = false;

  constructor(options: Record<string, unknown>, id: number) {
    super();
    this.options = options;
    this.kiosk = options['kiosk'] === true;
    this.webContents = new FakeContents(id);
  }

  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    this.webContents.navigate(url);
  }

  setKiosk(on: boolean): void {
    this.kiosk = on;
  }

  isMinimized(): boolean {
    return this.minimized;
  }

  restore(): void {
    this.minimized = false;
  }

  show(): void {
    this.shown = 'active';
  }

  showInactive(): void {
    this.shown = 'inactive';
  }

  hide(): void {
    this.shown = 'no';
  }

  setBounds(bounds: object): void {
    this.bounds = bounds;
  }

  setIgnoreMouseEvents(ignores: boolean): void {
    this.ignoresMouse = ignores;
  }

  maximize(): void {}

  focus(): void {
    this.focused += 1;
  }

  close(): void {
    const event = preventable({});
    this.emit('close', event);
    if (!event.prevented) this.destroy();
  }

  /** Closes whatever holds it open. */
  destroy(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('closed');
  }

  isDestroyed(): boolean {
    return this.closed;
  }
}

/** The displays of a machine; more can be plugged in. */
export class FakeScreen extends EventEmitter {
  displays: { id: number; bounds: { x: number; y: number; width: number; height: number } }[];

  constructor(count: number) {
    super();
    this.displays = DISPLAYS.slice(0, count);
  }

  getAllDisplays() {
    return this.displays;
  }

  /** So many displays are there from here on. */
  plug(count: number): void {
    const added = count > this.displays.length;
    this.displays = DISPLAYS.slice(0, count);
    this.emit(added ? 'display-added' : 'display-removed');
  }
}

const DISPLAYS = [
  { id: 70, bounds: { x: 0, y: 0, width: 1_366, height: 768 } },
  { id: 71, bounds: { x: 1_366, y: 0, width: 1_024, height: 768 } },
];

type Handler = (...args: never[]) => unknown;

/** The session's doors, as the shell sets them. */
export class FakeSession extends EventEmitter {
  handlers: Record<string, Handler> = {};
  readonly webRequest = {
    onBeforeRequest: (handler: Handler) => {
      this.handlers['request'] = handler;
    },
  };
  setPermissionRequestHandler = (handler: Handler) => {
    this.handlers['ask'] = handler;
  };
  setPermissionCheckHandler = (handler: Handler) => {
    this.handlers['check'] = handler;
  };
  setDevicePermissionHandler = (handler: Handler) => {
    this.handlers['device'] = handler;
  };
  setDisplayMediaRequestHandler = (handler: Handler) => {
    this.handlers['display'] = handler;
  };
}

export class FakeApp extends EventEmitter {
  locked = true;
  quits = 0;
  exits: number[] = [];
  relaunches = 0;
  sandboxed = false;
  loginItem: unknown;
  paths: Record<string, string> = {};
  ready: Promise<void> = Promise.resolve();

  requestSingleInstanceLock(): boolean {
    return this.locked;
  }

  /** Ends the program unless somebody holds it back for a moment. */
  quit(): void {
    const event = preventable({});
    this.emit('before-quit', event);
    if (!event.prevented) this.quits += 1;
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  relaunch(): void {
    this.relaunches += 1;
  }

  enableSandbox(): void {
    this.sandboxed = true;
  }

  whenReady(): Promise<void> {
    return this.ready;
  }

  getPath(name: string): string {
    return this.paths[name] ?? `/nowhere/${name}`;
  }

  getVersion(): string {
    return '9.9.9-test';
  }

  setLoginItemSettings(settings: unknown): void {
    this.loginItem = settings;
  }
}

/** A system key store that turns text round: enough to tell sealed from clear. */
export function fakeSafeStorage(backend: string, available = true) {
  const turn = (text: string): string => [...text].reverse().join('');
  return {
    backend,
    getSelectedStorageBackend: () => backend,
    isAsyncEncryptionAvailable: async () => available,
    encryptStringAsync: async (text: string) => Buffer.from(`sealed:${turn(text)}`),
    decryptStringAsync: async (sealed: Buffer) => {
      const text = sealed.toString('utf8');
      if (!text.startsWith('sealed:')) throw new Error('not sealed here');
      return { shouldReEncrypt: false, result: turn(text.slice('sealed:'.length)) };
    },
  };
}

/** Electron as the shell sees it, without any. */
export function createFakeElectron(options: {
  readonly userData: string;
  readonly backend?: string;
  /** Absent = 2. */
  readonly displays?: number;
}) {
  const screen = new FakeScreen(options.displays ?? 2);
  const app = new FakeApp();
  app.paths = { userData: options.userData };
  const windows: FakeWindow[] = [];
  const session = new FakeSession();
  const powerMonitor = new EventEmitter();
  const schemes: unknown[] = [];
  const ipc: Record<string, Handler> = {};
  const protocols: Record<string, (request: { method: string; url: string }) => Promise<Response>> =
    {};
  const safeStorage = fakeSafeStorage(options.backend ?? 'gnome_libsecret');
  const electron = {
    app,
    BrowserWindow: class extends FakeWindow {
      constructor(given: Record<string, unknown>) {
        super(given, windows.length + 1);
        windows.push(this);
        app.emit('web-contents-created', {}, this.webContents);
      }
    },
    ipcMain: {
      on: (channel: string, handler: Handler) => {
        ipc[channel] = handler;
      },
      handle: (channel: string, handler: Handler) => {
        ipc[channel] = handler;
      },
    },
    Menu: { setApplicationMenu: () => undefined },
    MessageChannelMain: FakeChannel,
    powerMonitor,
    protocol: {
      registerSchemesAsPrivileged: (given: unknown[]) => void schemes.push(...given),
      handle: (scheme: string, handler: (typeof protocols)[string]) => {
        protocols[scheme] = handler;
      },
    },
    safeStorage,
    screen,
    session: { defaultSession: session },
  };
  return {
    electron: electron as unknown as ShellElectron,
    app,
    screen,
    windows,
    powerMonitor,
    safeStorage,
    session,
    schemes,
    /** Sends over an IPC channel from a frame of a window. */
    send: (channel: string, from: FakeWindow, ...args: unknown[]): unknown =>
      ipc[channel]?.(
        { sender: from.webContents, senderFrame: from.webContents.frame } as never,
        ...(args as never[]),
      ),
    request: (url: string, method = 'GET') => {
      const handler = protocols['app'];
      if (handler === undefined) throw new Error('the scheme is not served');
      return handler({ method, url });
    },
  };
}
export type FakeElectron = ReturnType<typeof createFakeElectron>;
