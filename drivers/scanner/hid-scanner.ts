import type { Driver, Simulation, UsbAddress } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { err } from '../contract/result.ts';
import type { CodeOptions } from './code-intake.ts';
import { createHidLine } from './hid-line.ts';
import { makerOf } from './hid-makers.ts';
import { createHidSystem } from './hid-native.ts';
import type { HidSystem } from './hid-system.ts';
import { createHidTransport, type HidTransport } from './hid-transport.ts';
import { createScannerDriver, type ScannerDefinition } from './scanner-driver.ts';

export type HidScannerDefinition = ScannerDefinition & {
  readonly usb: UsbAddress;
  readonly line?: CodeOptions;
};

/** The driver around a HID transport; `simulation` for one that is not there. */
export const createHidDriver = (
  definition: HidScannerDefinition,
  transport: HidTransport,
  env: DriverEnv,
  sink: DriverSink,
  simulation?: Simulation,
): Driver => {
  const driver = createScannerDriver(
    definition,
    {
      transport,
      createLine: (wiring) => createHidLine(wiring, transport, definition.line),
      ...(simulation === undefined ? {} : { simulation }),
    },
    env,
    sink,
  );
  const maker = makerOf(definition.usb.vid.toLowerCase());
  if (maker?.trigger === true) return driver;
  // To a scanner of another maker an output report may be a set-up command.
  const detail = 'nothing is sent to a scanner whose commands are not known';
  return { ...driver, send: () => Promise.resolve(err({ code: 'E_ILLEGAL', detail })) };
};

/** A bar code scanner in the mode HID POS. */
export const createHidScanner = (
  definition: HidScannerDefinition,
  env: DriverEnv,
  sink: DriverSink,
  system: HidSystem = createHidSystem(),
): Driver =>
  createHidDriver(definition, createHidTransport(definition.usb, env, system), env, sink);
