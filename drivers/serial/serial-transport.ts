import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import type { DeviceIdentity, UsbAddress } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { openFailureOf } from './open-error.ts';
import { choosePort, type PortChoice } from './serial-port-facts.ts';
import {
  createSerialSystem,
  type PortHandle,
  type PortOptions,
  type SerialSystem,
} from './serial-system.ts';

/** Where a port is, by its path or by the USB ids of the device behind it, and how it speaks. */
export type SerialSettings = Omit<PortOptions, 'path'> & {
  readonly path?: string;
  readonly usb?: UsbAddress;
};

const openPort = (port: PortHandle): Promise<Error | null> =>
  new Promise((resolve) => port.open((error) => resolve(error)));

/** Where a handle leads: the node that was opened and the mark that tells it from a later one of its name. */
type Opened = { readonly path: string; readonly mark: string | undefined };

const linkOf = (port: PortHandle, opened: Opened, system: SerialSystem): ByteLink => ({
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
  async check() {
    if (!port.isOpen) return err('the handle is closed');
    const mark = await system.nodeMark(opened.path);
    if (mark === undefined) return err(`${opened.path} is gone`);
    return mark === opened.mark ? ok(undefined) : err(`${opened.path} is another device by now`);
  },
});

/**
 * The real serial port. Each `open` makes a port of its own: an object that lost its device keeps
 * what was written to it and sends it when it is opened again.
 */
export const createSerialTransport = (
  settings: SerialSettings,
  env: DriverEnv,
  system: SerialSystem = createSerialSystem(),
): ByteTransport => {
  const { path: wantedPath, usb, ...speech } = settings;
  const asked: DeviceIdentity = {
    transport: 'serial',
    ...(wantedPath === undefined ? {} : { path: wantedPath }),
    ...usb,
  };
  let identity = asked;
  let linesRefused = false;

  const choose = async (): Promise<PortChoice> => {
    if (usb !== undefined) return choosePort(await system.ports(), usb);
    const path = wantedPath ?? '';
    if ((await system.access(path)) === 'absent') return { kind: 'none' };
    const node = await system.node(path);
    const listed = (await system.ports()).find((port) => port.path === node);
    return { kind: 'one', port: listed ?? { path: node } };
  };

  const locate = async (): Promise<PortChoice> => {
    const choice = await choose();
    if (choice.kind !== 'one') return choice;
    const { maker: _maker, name: _name, ...ids } = choice.port;
    identity = { transport: 'serial', ...ids };
    return choice;
  };

  /** Raises the lines that some readers wait for. Several adapters refuse, and work all the same. */
  const raiseLines = (port: PortHandle, path: string): void =>
    port.set({ dtr: true, rts: true }, (error) => {
      if (!error || linesRefused) return;
      linesRefused = true;
      env.log('warn', 'the serial lines could not be set', { path, detail: error.message });
    });

  const openAt = async (
    path: string,
    handlers: LinkHandlers,
  ): Promise<Result<ByteLink, OpenFailure>> => {
    const access = await system.access(path);
    if (access !== 'open') return err({ code: access, detail: `${path}: ${access}` });
    const mark = await system.nodeMark(path);
    const port = await system.createPort({ ...speech, path });
    // An 'error' without a listener ends the process.
    port.on('error', (error) => handlers.onLost({ unplugged: false, detail: error.message }));
    port.on('data', (bytes) => handlers.onBytes(bytes));
    port.on('close', (error) => {
      // Without an error it is our own closing.
      if (error) handlers.onLost({ unplugged: error.disconnected === true, detail: error.message });
    });
    const failed = await openPort(port);
    if (failed !== null) return err(openFailureOf(failed.message, system.platform));
    raiseLines(port, path);
    return ok(linkOf(port, { path, mark }, system));
  };

  return {
    source: 'serial',
    identity: () => identity,
    async exists() {
      // Several are there as well: opening tells that nobody said which one is meant.
      return (await locate()).kind !== 'none';
    },
    async open(handlers) {
      const choice = await locate();
      switch (choice.kind) {
        case 'none':
          return err({ code: 'absent', detail: 'no such port' });
        case 'several':
          return err({
            code: 'ambiguous',
            detail: `more than one device fits: ${choice.ports.map((port) => port.path).join(', ')}`,
          });
        case 'one':
          return openAt(choice.port.path, handlers);
      }
    },
  };
};
