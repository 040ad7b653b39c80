import type { DeviceIdentity } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import { type FoundDevice, hasTwin, usbAddressOf } from '../contract/found-device.ts';
import { type HidScannerFacts, scannersAmong } from './hid-device.ts';
import { makerOf } from './hid-makers.ts';
import { createHidSystem } from './hid-native.ts';
import { modeHint } from './hid-refusal.ts';
import type { HidSystem } from './hid-system.ts';

const identityOf = (scanner: HidScannerFacts): DeviceIdentity => ({
  transport: 'hid',
  vid: scanner.vid,
  pid: scanner.pid,
  ...(scanner.serial === undefined ? {} : { serial: scanner.serial }),
  usagePage: scanner.usagePage,
  ...(scanner.portPath === undefined ? {} : { portPath: scanner.portPath }),
  path: scanner.path,
});

const namesOf = (scanner: HidScannerFacts): Pick<FoundDevice, 'maker' | 'name'> => {
  const maker = scanner.maker ?? makerOf(scanner.vid)?.name;
  return {
    ...(maker === undefined ? {} : { maker }),
    ...(scanner.name === undefined ? {} : { name: scanner.name }),
  };
};

/**
 * The HID scanners of this computer, those in a mode that cannot be read included, with what a
 * binding has to say to find each again. Opens none.
 */
export const discoverHid = async (
  _env: DriverEnv,
  system: HidSystem = createHidSystem(),
): Promise<readonly FoundDevice[]> => {
  const scanners = scannersAmong(await system.list());
  const identities = scanners.map(identityOf);
  return scanners.map((scanner, index) => {
    const identity = identities[index] as DeviceIdentity;
    const twin = hasTwin(identity, identities);
    const usb = usbAddressOf(identity, twin);
    const hint = modeHint(scanner);
    return {
      identity,
      mode: scanner.mode,
      ...namesOf(scanner),
      twin,
      // A scanner in another mode changes its product id with it: it is bound once it can be read.
      ...(usb === undefined || scanner.mode !== 'hid-pos'
        ? {}
        : { definition: { driver: 'hid-scanner', usb } }),
      ...(hint === undefined ? {} : { hint }),
    };
  });
};
