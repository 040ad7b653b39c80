import type { DeviceIdentity } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import { type FoundDevice, hasTwin, usbAddressOf } from '../contract/found-device.ts';
import type { LocalText } from '../contract/text.ts';
import { byPortName, type SerialPortFacts } from './serial-port-facts.ts';
import { createSerialSystem, type SerialSystem } from './serial-system.ts';

const byPathOnly: LocalText = {
  'zh-CN': '这是电脑自带的串口，无法识别所接设备；请在设置文件中按路径配置。',
  en: 'A port of the computer itself: what is connected to it cannot be told. Set it up by its path in the settings file.',
};

const identityOf = (port: SerialPortFacts): DeviceIdentity => ({
  transport: 'serial',
  ...(port.vid === undefined ? {} : { vid: port.vid }),
  ...(port.pid === undefined ? {} : { pid: port.pid }),
  ...(port.serial === undefined ? {} : { serial: port.serial }),
  ...(port.portPath === undefined ? {} : { portPath: port.portPath }),
  path: port.path,
});

/** The first port of each device: a scanner with two interfaces is one device. */
const onePerDevice = (ports: readonly SerialPortFacts[]): readonly SerialPortFacts[] => {
  const sorted = [...ports].sort(byPortName);
  return sorted.filter(
    (port, index) =>
      port.portPath === undefined ||
      sorted.findIndex((other) => other.portPath === port.portPath) === index,
  );
};

/** The serial ports of this computer, with what a binding has to say to find each again. Opens none. */
export const discoverSerial = async (
  _env: DriverEnv,
  system: SerialSystem = createSerialSystem(),
): Promise<readonly FoundDevice[]> => {
  const ports = onePerDevice(await system.ports());
  const identities = ports.map(identityOf);
  return ports.map((port, index) => {
    const identity = identities[index] as DeviceIdentity;
    const twin = hasTwin(identity, identities);
    const usb = usbAddressOf(identity, twin);
    return {
      identity,
      mode: 'serial',
      ...(port.maker === undefined ? {} : { maker: port.maker }),
      ...(port.name === undefined ? {} : { name: port.name }),
      twin,
      ...(usb === undefined
        ? { hint: byPathOnly }
        : { definition: { driver: 'serial-scanner', usb } }),
    };
  });
};
