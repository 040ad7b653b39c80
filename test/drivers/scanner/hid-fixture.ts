import type { UsbAddress } from '../../../drivers/contract/device.ts';
import type { DriverEvent, ErrorEvent, ScanEvent } from '../../../drivers/contract/event.ts';
import type { CodeOptions } from '../../../drivers/scanner/code-intake.ts';
import { createHidScanner } from '../../../drivers/scanner/hid-scanner.ts';
import type { HidSystem } from '../../../drivers/scanner/hid-system.ts';
import { type ReportShape, reportsOf, simDescriptor } from '../../../drivers/sim/hid-reports.ts';
import {
  createSimHidSystem,
  type HidBehaviour,
  type HidCall,
  type SimHidDevice,
} from '../../../drivers/sim/hid-system.ts';
import { createManualEnv, type ManualEnv } from '../manual-env.ts';

/** Long enough for look, lock, open and drain on a healthy computer. */
export const CLAIM_MS = 60;
export const NODE = '/dev/hidraw0';

/** A Honeywell scanner in HID POS mode, as Linux lists it. */
export const honeywell: SimHidDevice = {
  path: NODE,
  vid: '0c2e',
  pid: '0b07',
  serial: 'SN0001',
  portPath: '1-1.2',
  usagePage: 0x8c,
  usage: 2,
  maker: 'Honeywell',
  name: 'Xenon 1900',
  descriptor: simDescriptor,
};

export const reports = (text: string, shape: ReportShape = {}): Uint8Array[] =>
  reportsOf(new TextEncoder().encode(text), { aim: ']E0', ...shape });

type Options = {
  readonly usb?: UsbAddress;
  readonly line?: CodeOptions;
  readonly behave?: (call: HidCall) => HidBehaviour;
  readonly platform?: string;
  readonly devices?: readonly SimHidDevice[];
  readonly env?: ManualEnv;
};

/** The real HID driver on a simulated HID layer under a manual clock, and what it said so far. */
export const createHidFixture = (options: Options = {}) => {
  const env = options.env ?? createManualEnv(7);
  const system = createSimHidSystem(env, options.behave, options.platform);
  for (const device of options.devices ?? [honeywell]) system.plug(device);
  return { env, system, ...driverOn(env, system, options) };
};

/** One more driver on a HID layer that is there already. */
export const driverOn = (
  env: ManualEnv,
  system: HidSystem,
  options: Options = {},
  id = 'hid-1',
) => {
  const events: DriverEvent[] = [];
  const driver = createHidScanner(
    {
      id,
      owner: 'agent',
      usb: options.usb ?? { vid: '0c2e', serial: 'SN0001' },
      ...(options.line === undefined ? {} : { line: options.line }),
    },
    env,
    (event) => events.push(event),
    system,
  );
  const of = <Type extends DriverEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<DriverEvent, { type: Type }> => event.type === type);
  return {
    driver,
    events,
    scans: (): readonly ScanEvent[] => of('scan'),
    texts: (): string[] => of('scan').map((scan) => scan.text),
    states: (): string[] => of('state').map((event) => event.to),
    lastState: () => of('state').at(-1),
    errors: (): readonly ErrorEvent[] => of('error'),
    async startReady() {
      driver.start();
      await env.advance(CLAIM_MS);
    },
  };
};
