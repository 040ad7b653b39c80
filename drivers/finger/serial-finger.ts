import type { Driver } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import type { SerialSystem } from '../serial/serial-system.ts';
import { createSerialTransport, type SerialSettings } from '../serial/serial-transport.ts';
import { createFingerDriver, type FingerDefinition } from './finger-driver.ts';
import { createFingerTransport, type FingerSettings } from './finger-transport.ts';

/** A fingerprint module on a serial port or a USB serial adapter: 8 bits, no parity, one stop bit, as all of the family. */
export const createSerialFinger = (
  definition: FingerDefinition & {
    readonly port: Pick<SerialSettings, 'path' | 'usb'>;
    readonly settings: FingerSettings;
  },
  env: DriverEnv,
  sink: DriverSink,
  system?: SerialSystem,
): Driver => {
  const speech = { dataBits: 8, parity: 'none', stopBits: 1 } as const;
  const { path, usb } = definition.port;
  const port = { ...(path === undefined ? {} : { path }), ...(usb === undefined ? {} : { usb }) };
  const transport = createFingerTransport(
    (baudRate) => createSerialTransport({ ...port, ...speech, baudRate }, env, system),
    definition.settings,
    env,
  );
  return createFingerDriver(definition, transport, env, sink);
};
