import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import process from 'node:process';
import type { SerialPort } from 'serialport';
import { listLinuxPorts } from './linux-ports.ts';
import { comName, factsOfListed, type ListedPort } from './listed-ports.ts';
import type { SerialPortFacts } from './serial-port-facts.ts';

export type PortOptions = {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

/** The part of a `SerialPort` that the driver uses. */
export type PortHandle = Pick<SerialPort, 'isOpen'> & {
  open(done: (error: Error | null) => void): void;
  close(done: (error: Error | null) => void): void;
  write(bytes: Uint8Array, done: (error: Error | null | undefined) => void): unknown;
  drain(done: (error: Error | null | undefined) => void): void;
  set(lines: { dtr: boolean; rts: boolean }, done: (error: Error | null) => void): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(
    event: 'close',
    listener: (error: (Error & { disconnected?: boolean }) | null | undefined) => void,
  ): unknown;
};

/** What the serial driver asks of the computer that it runs on. */
export type SerialSystem = {
  /** As `process.platform`. */
  readonly platform: string;
  /** Serial ports with the USB identity of the devices behind them. */
  ports(): Promise<readonly SerialPortFacts[]>;
  /** Whether a port is there and whether this user may open it. */
  access(path: string): Promise<'absent' | 'denied' | 'open'>;
  /** The node that a path leads to, links followed; the path itself where nothing is there. */
  node(path: string): Promise<string>;
  /** Tells a node from another one that has taken its name; undefined where nothing is there. */
  nodeMark(path: string): Promise<string | undefined>;
  /** A fresh port that is not open yet, locked for exclusive use once it is. */
  createPort(options: PortOptions): Promise<PortHandle>;
};

/** The native binding is loaded when the first port is looked at, so that the rest of this folder runs without it. */
const loadSerialPort = async (): Promise<typeof SerialPort> =>
  (await import('serialport')).SerialPort;

const createPort = async (options: PortOptions): Promise<PortHandle> => {
  const Port = await loadSerialPort();
  return new Port({ ...options, lock: true, autoOpen: false });
};

const fileAccess = async (path: string): Promise<'absent' | 'denied' | 'open'> => {
  try {
    await access(path, constants.F_OK);
  } catch {
    // Any failure to see the file is the answer: it is not there for us.
    return 'absent';
  }
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return 'open';
  } catch {
    // Same: the refusal is the answer.
    return 'denied';
  }
};

/** Ports are files: Linux, and whatever else has device nodes. */
const fileSystem = (
  platform: string,
  ports: () => Promise<readonly SerialPortFacts[]>,
): SerialSystem => ({
  platform,
  ports,
  access: fileAccess,
  node: (path) =>
    // What cannot be followed is not there yet, and then its own name is all there is.
    realpath(path).catch(() => path),
  nodeMark: (path) =>
    stat(path).then(
      ({ dev, ino, rdev }) => `${dev}:${ino}:${rdev}`,
      // What cannot be seen is not there; that is the answer.
      () => undefined,
    ),
  createPort,
});

/** Ports are names in the registry; `list` reads it. Whether one may be opened shows only at opening. */
export const windowsSystem = (
  list: () => Promise<readonly ListedPort[]>,
  create: SerialSystem['createPort'],
): SerialSystem => {
  const ports = async () => factsOfListed(await list());
  const listed = async (path: string): Promise<SerialPortFacts | undefined> =>
    (await ports()).find((port) => comName(port.path) === comName(path));
  return {
    platform: 'win32',
    ports,
    access: async (path) => ((await listed(path)) === undefined ? 'absent' : 'open'),
    node: async (path) => (await listed(path))?.path ?? path,
    nodeMark: async (path) => {
      const port = await listed(path);
      return port && [port.path, port.vid, port.pid, port.serial, port.portPath].join('|');
    },
    createPort: create,
  };
};

/** The serial ports of the computer that this process runs on. */
export const createSerialSystem = (platform: string = process.platform): SerialSystem => {
  const listed = async () => (await loadSerialPort()).list();
  if (platform === 'win32') return windowsSystem(listed, createPort);
  return platform === 'linux'
    ? fileSystem(platform, listLinuxPorts)
    : fileSystem(platform, async () => factsOfListed(await listed()));
};
