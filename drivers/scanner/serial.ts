import process from 'node:process';
import type { SerialPort } from 'serialport';
import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import type { DeviceIdentity, Driver } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { openFailureOf } from './open-error.ts';
import { createScannerDriver, type ScannerDefinition } from './scanner-driver.ts';
import {
  byIdName,
  fileAccess,
  findUsbPort,
  type PortAddress,
  type PortInfo,
} from './serial-path.ts';

export type SerialSettings = PortAddress & {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
};

/** The native binding is loaded when the first port is looked at, so that the rest of this folder runs without it. */
const loadSerialPort = async (): Promise<typeof SerialPort> =>
  (await import('serialport')).SerialPort;

const listPorts = async (): Promise<readonly PortInfo[]> => (await loadSerialPort()).list();

const openPort = (port: SerialPort): Promise<Error | null> =>
  new Promise((resolve) => port.open((error) => resolve(error)));

/** Raises the lines that some readers wait for. Several adapters refuse, and work all the same. */
const raiseLines = (port: SerialPort, path: string, env: DriverEnv): void =>
  port.set({ dtr: true, rts: true }, (error) => {
    if (error)
      env.log('debug', 'the serial lines could not be set', { path, detail: error.message });
  });

const linkOf = (port: SerialPort): ByteLink => ({
  write: (bytes) =>
    new Promise<Result<void, string>>((resolve) => {
      port.write(bytes, (error) => {
        if (error) resolve(err(error.message));
      });
      port.drain((error) => resolve(error ? err(error.message) : ok(undefined)));
    }),
  close: () =>
    new Promise((resolve, reject) => {
      // After a loss the port is closed already, and closing it again is an error that means nothing.
      if (!port.isOpen) return resolve();
      port.close((error) => (error ? reject(error) : resolve()));
    }),
});

/**
 * The real serial port. Each `open` makes a `SerialPort` of its own: an object that lost its
 * device keeps what was written to it and sends it when it is opened again.
 */
export const createSerialTransport = (settings: SerialSettings, env: DriverEnv): ByteTransport => {
  let identity: DeviceIdentity = {
    transport: 'serial',
    ...(settings.path === undefined ? {} : { path: settings.path }),
    ...(settings.usb === undefined ? {} : settings.usb),
  };

  const locate = async (): Promise<string | undefined> => {
    if (settings.usb !== undefined) return findUsbPort(await listPorts(), settings.usb)?.path;
    // Windows ports are not files; elsewhere a listing would run a program for what one call tells.
    if (process.platform !== 'win32') return settings.path;
    const wanted = settings.path?.toLowerCase();
    return (await listPorts()).find((port) => port.path.toLowerCase() === wanted)?.path;
  };

  const refusalBeforeOpen = async (path: string): Promise<OpenFailure | null> => {
    if (process.platform === 'win32') return null;
    const found = await fileAccess(path);
    return found === 'open' ? null : { code: found, detail: `${path}: ${found}` };
  };

  const open = async (handlers: LinkHandlers): Promise<Result<ByteLink, OpenFailure>> => {
    const path = await locate();
    if (path === undefined) return err({ code: 'absent', detail: 'no such port' });
    const refusal = await refusalBeforeOpen(path);
    if (refusal !== null) return err(refusal);
    const { baudRate, dataBits, parity, stopBits } = settings;
    const Port = await loadSerialPort();
    const port = new Port({
      path,
      baudRate,
      dataBits,
      parity,
      stopBits,
      lock: true,
      autoOpen: false,
    });
    // An 'error' without a listener ends the process.
    port.on('error', (error) => handlers.onLost({ unplugged: false, detail: error.message }));
    port.on('data', (bytes: Uint8Array) => handlers.onBytes(bytes));
    port.on('close', (error: (Error & { disconnected?: boolean }) | null | undefined) => {
      // Without an error it is our own closing.
      if (error) handlers.onLost({ unplugged: error.disconnected === true, detail: error.message });
    });
    const failed = await openPort(port);
    if (failed !== null) return err(openFailureOf(failed.message, process.platform));
    raiseLines(port, path, env);
    const serial = await byIdName(path);
    identity = { ...identity, path, ...(serial === undefined ? {} : { serial }) };
    return ok(linkOf(port));
  };

  return {
    source: 'serial',
    identity: () => identity,
    async exists() {
      const path = await locate();
      if (path === undefined) return false;
      return process.platform === 'win32' || (await fileAccess(path)) !== 'absent';
    },
    open,
  };
};

/** A bar code scanner on a serial port or a USB serial adapter. */
export const createSerialScanner = (
  definition: ScannerDefinition & { readonly port: SerialSettings },
  env: DriverEnv,
  sink: DriverSink,
): Driver =>
  createScannerDriver(definition, createSerialTransport(definition.port, env), env, sink);
