import type { Driver } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import type { SerialSystem } from '../serial/serial-system.ts';
import { createSerialTransport, type SerialSettings } from '../serial/serial-transport.ts';
import { createScanLine, type ScanLineOptions } from './scan-line.ts';
import { createScannerDriver, type ScannerDefinition } from './scanner-driver.ts';

/** A bar code scanner on a serial port or a USB serial adapter. */
export const createSerialScanner = (
  definition: ScannerDefinition & {
    readonly port: SerialSettings;
    readonly line?: ScanLineOptions;
  },
  env: DriverEnv,
  sink: DriverSink,
  system?: SerialSystem,
): Driver =>
  createScannerDriver(
    definition,
    {
      transport: createSerialTransport(definition.port, env, system),
      createLine: (wiring) => createScanLine(wiring, definition.line),
    },
    env,
    sink,
  );
