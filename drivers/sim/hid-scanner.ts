import type { Driver } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { splitAim } from '../contract/symbology.ts';
import type { CodeOptions } from '../scanner/code-intake.ts';
import { SCANNER_PAGE } from '../scanner/hid-layout.ts';
import { createHidDriver } from '../scanner/hid-scanner.ts';
import { createHidTransport } from '../scanner/hid-transport.ts';
import type { ScannerDefinition } from '../scanner/scanner-driver.ts';
import { reportsOf, simDescriptor, simLayouts, simTrigger } from './hid-reports.ts';
import { createSimHidSystem, type SimHidDevice, type SimHidSystem } from './hid-system.ts';
import { createSimulation, type SimEncoding } from './simulation.ts';

/** Ids of no maker, so that nothing that is known of one applies. */
const SIM_USB = { vid: '0000', pid: '0001' } as const;
/** A maker whose scanners obey a trigger report and want nothing else. */
const TRIGGERED_USB = { vid: '0536', pid: '0001' } as const;
const BAR_CODE_SCANNER = 0x02;
const NOISE_BYTES = 16;
const CR = 0x0d;

/**
 * What the simulated reader is like: `shifted` sends everything one byte later; `triggered` is of a known maker and reads
 * nothing until the program has told it to.
 */
export const simReaders = ['usual', 'shifted', 'triggered'] as const;
export type SimReader = (typeof simReaders)[number];

/** A HID scanner's way: at least two reports a code, so that a pulled cable can cut each in two. */
const hidEncoding = (reader: SimReader): SimEncoding => {
  const layout = simLayouts.shared;
  return {
    pieces(text, end) {
      const { aim, text: data } = splitAim(text);
      const bytes = Uint8Array.from([...new TextEncoder().encode(data), CR]);
      const reports = reportsOf(bytes, {
        aim,
        layout,
        shift: reader === 'shifted' ? 1 : 0,
        partBytes: Math.ceil(bytes.length / 2),
      });
      const last = reports.at(-1);
      if (!end && last !== undefined && layout.continued !== undefined)
        last[layout.continued.at] = layout.continued.mask;
      return reports;
    },
    // A report cut short, as after a broken transfer; whether its code goes on it cannot say.
    noise: (end) => {
      const size = end ? layout.reportBytes : NOISE_BYTES;
      const report = new Uint8Array(size).fill(0xff, 1, NOISE_BYTES);
      report[0] = layout.reportId;
      return report;
    },
    stuckPiece() {
      const [piece = new Uint8Array()] = reportsOf(new Uint8Array(layout.dataBytes).fill(0x41), {
        layout,
        aim: ']C0',
      });
      if (layout.continued !== undefined) piece[layout.continued.at] = layout.continued.mask;
      return piece;
    },
  };
};

const usbOf = (reader: SimReader) => (reader === 'triggered' ? TRIGGERED_USB : SIM_USB);

/** The device of a simulated scanner, as its system lists it. */
export const simHidDevice = (id: string, reader: SimReader = 'usual'): SimHidDevice => ({
  ...usbOf(reader),
  ...(reader === 'triggered' ? { trigger: simTrigger } : {}),
  serial: id,
  path: `sim-hid/${id}`,
  usagePage: SCANNER_PAGE,
  usage: BAR_CODE_SCANNER,
  name: 'Simulated HID scanner',
  descriptor: simDescriptor,
});

/**
 * A HID scanner that is not there: the real driver, from the search for its device to the joining
 * of reports, on a simulated HID layer.
 */
export const createSimHidScanner = (
  definition: ScannerDefinition & { readonly line?: CodeOptions; readonly reader?: SimReader },
  env: DriverEnv,
  sink: DriverSink,
  system: SimHidSystem = createSimHidSystem(env),
): Driver => {
  const reader = definition.reader ?? 'usual';
  const device = simHidDevice(definition.id, reader);
  const usb = { ...usbOf(reader), serial: definition.id };
  system.plug(device);
  const line = {
    send: (report: Uint8Array) => system.send(device.path, report),
    unplug: () => system.unplug(device.path),
    plug: () => system.plug(device),
    stall: (forMs: number) => system.stall(forMs),
  };
  return createHidDriver(
    { ...definition, usb },
    createHidTransport(usb, env, system, 'simulated'),
    env,
    sink,
    createSimulation(hidEncoding(reader), line, env),
  );
};
