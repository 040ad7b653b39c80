import { statSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';
import { hidPos, type ScannerIds, scannerNodes } from './usb-scanner.ts';

interface UhidTool {
  readonly UhidDevice: new (facts: {
    readonly name: string;
    readonly uniq: string;
    readonly vendor: number;
    readonly product: number;
    readonly descriptor: Uint8Array;
  }) => {
    input(report: Uint8Array): void;
    /** `open`: the first reader came. */
    on(event: 'open', listener: () => void): unknown;
    on(event: 'output', listener: (report: Uint8Array) => void): unknown;
    destroy(): void;
  };
}
const { UhidDevice } = (await import(
  join(process.env['HIDVM_TOOLS'] ?? '', 'uhid.mjs')
)) as UhidTool;

/** An HID device of any maker, without a bus under it. */
export interface LooseHid {
  readonly node: string;
  /** Group and rights of its node, `20 660`. */
  rights(): string;
  send(text: string): void;
  onOpened(run: () => void): void;
  /** The output reports that reached it, as hex digits, oldest first. */
  told(): readonly string[];
  unplug(): void;
}

/** A keyboard with one key (HID 1.11, appendix E.6, shortened): what a scanner in keyboard mode is to the kernel. */
const KEYBOARD = Uint8Array.of(
  ...[0x05, 0x01, 0x09, 0x06, 0xa1, 0x01],
  ...[0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x15, 0x00, 0x25, 0x65],
  ...[0x75, 0x08, 0x95, 0x01, 0x81, 0x00, 0xc0],
);

/** Plugs in a scanner, or a keyboard, of the given ids; settles when the kernel has made its node. */
export async function plugLooseHid(
  ids: ScannerIds,
  kind: 'scanner' | 'keyboard' = 'scanner',
): Promise<LooseHid> {
  const before = scannerNodes();
  const device = new UhidDevice({
    name: `Test ${kind}`,
    uniq: ids.serial,
    vendor: Number.parseInt(ids.vid, 16),
    product: Number.parseInt(ids.pid, 16),
    descriptor: kind === 'scanner' ? hidPos.descriptor : KEYBOARD,
  });
  const told: string[] = [];
  device.on('output', (report) => told.push(Buffer.from(report).toString('hex')));
  const node = await until('its node', () => scannerNodes().find((one) => !before.includes(one)));
  return {
    node,
    rights: () => {
      const { gid, mode } = statSync(node);
      return `${gid} ${(mode & 0o777).toString(8)}`;
    },
    send(text) {
      for (const report of hidPos.reports(']E0', text)) device.input(report);
    },
    told: () => told,
    onOpened: (run) => void device.on('open', run),
    unplug: () => device.destroy(),
  };
}
