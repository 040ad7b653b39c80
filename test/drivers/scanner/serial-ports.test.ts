import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listLinuxPorts } from '../../../drivers/serial/linux-ports.ts';
import { factsOfListed } from '../../../drivers/serial/listed-ports.ts';
import { discoverSerial } from '../../../drivers/serial/serial-discover.ts';
import { choosePort, MAX_PORTS } from '../../../drivers/serial/serial-port-facts.ts';
import { windowsSystem } from '../../../drivers/serial/serial-system.ts';
import { createManualEnv } from '../manual-env.ts';
import { createFakeSerialSystem } from './fake-serial-system.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A folder laid out as the kernel lays out sysfs: devices, and links to them from the class. */
const createSysfs = async () => {
  const root = await mkdtemp(join(tmpdir(), 'tillside-sysfs-'));
  folders.push(root);
  const classFolder = join(root, 'class', 'tty');
  await mkdir(classFolder, { recursive: true });
  const write = async (folder: string, values: Readonly<Record<string, string>>) => {
    await mkdir(join(root, folder), { recursive: true });
    for (const [name, value] of Object.entries(values))
      await writeFile(join(root, folder, name), `${value}\n`);
  };
  const port = async (folder: string, name: string, values = {}) => {
    await write(folder, values);
    await symlink(join(root, folder), join(classFolder, name));
  };
  return { classFolder, write, port };
};

describe('serial ports on Linux', () => {
  test('carry the ids of the USB device and the socket that it is in, behind any number of hubs', async () => {
    const { classFolder, write, port } = await createSysfs();
    await write('devices/usb1/1-1', { idVendor: '1d6b', idProduct: '0002', serial: 'the hub' });
    await write('devices/usb1/1-1/1-1.2', {
      idVendor: '05E0',
      idProduct: '1701',
      serial: 'S1',
      manufacturer: 'A maker',
      product: 'A scanner',
    });
    await port('devices/usb1/1-1/1-1.2/1-1.2:1.0/tty/ttyACM0', 'ttyACM0');
    await write('devices/usb1/1-3', { idVendor: '0403', idProduct: '6001', serial: '' });
    await port('devices/usb1/1-3/1-3:1.0/ttyUSB0/tty/ttyUSB0', 'ttyUSB0');
    expect(await listLinuxPorts(classFolder)).toEqual([
      {
        path: '/dev/ttyACM0',
        vid: '05e0',
        pid: '1701',
        serial: 'S1',
        portPath: '1-1.2',
        maker: 'A maker',
        name: 'A scanner',
      },
      { path: '/dev/ttyUSB0', vid: '0403', pid: '6001', portPath: '1-3' },
    ]);
  });

  test('leave out consoles, pseudo-terminals and ports that no chip is behind', async () => {
    const { classFolder, port } = await createSysfs();
    await port('devices/virtual/tty/tty1', 'tty1');
    await port('devices/virtual/tty/ptyp0', 'ptyp0');
    await port('devices/platform/serial8250/tty/ttyS3', 'ttyS3', { type: '0' });
    await port('devices/pnp0/00:04/tty/ttyS0', 'ttyS0', { type: '4' });
    expect(await listLinuxPorts(classFolder)).toEqual([{ path: '/dev/ttyS0' }]);
  });

  test('are none where there is no sysfs, and never more than the limit', async () => {
    const { classFolder, port } = await createSysfs();
    expect(await listLinuxPorts(join(classFolder, 'nowhere'))).toEqual([]);
    for (let index = 0; index <= MAX_PORTS; index += 1)
      await port(`devices/pnp0/00:04/tty/ttyS${index}`, `ttyS${index}`);
    expect(await listLinuxPorts(classFolder)).toHaveLength(MAX_PORTS);
  });
});

describe('serial ports on Windows', () => {
  const listed = [
    {
      path: 'COM3',
      vendorId: '05E0',
      productId: '1701',
      serialNumber: 'S1',
      locationId: 'Port_#0002.Hub_#0001',
      manufacturer: 'A maker',
      friendlyName: 'A scanner (COM3)',
    },
    {
      path: 'COM4',
      vendorId: '05E0',
      productId: '1701',
      serialNumber: '6&1A2B3C4D&0&2',
      locationId: 'Port_#0003.Hub_#0001',
    },
    { path: 'COM1', vendorId: undefined, serialNumber: undefined },
  ];
  const computer = windowsSystem(
    async () => listed,
    async () => {
      throw new Error('nothing is opened here');
    },
  );

  test('carry the ids in the registry; a serial number that Windows made up is none', async () => {
    expect(await computer.ports()).toEqual([
      {
        path: 'COM3',
        vid: '05e0',
        pid: '1701',
        serial: 'S1',
        portPath: 'Port_#0002.Hub_#0001',
        maker: 'A maker',
        name: 'A scanner (COM3)',
      },
      { path: 'COM4', vid: '05e0', pid: '1701', portPath: 'Port_#0003.Hub_#0001' },
      { path: 'COM1' },
    ]);
  });

  test.each(['COM3', 'com3', '\\\\.\\COM3', '//./com3'])(
    '%s names the listed COM3',
    async (path) => {
      expect(await computer.access(path)).toBe('open');
      expect(await computer.node(path)).toBe('COM3');
      expect(await computer.nodeMark(path)).toBe(await computer.nodeMark('COM3'));
    },
  );

  test('are listed up to the limit', () => {
    const many = Array.from({ length: MAX_PORTS + 1 }, (_, index) => ({ path: `COM${index}` }));
    expect(factsOfListed(many)).toHaveLength(MAX_PORTS);
  });

  test('a port that is not listed is absent', async () => {
    expect(await computer.access('COM30')).toBe('absent');
    expect(await computer.nodeMark('COM30')).toBeUndefined();
  });
});

describe('looking for scanners', () => {
  test('gives each device once, with what a binding writes to find it again, and tells twins', async () => {
    const { system, plug } = createFakeSerialSystem();
    const twin = { vid: '05e0', pid: '1701', maker: 'A maker' };
    plug({ path: '/dev/ttyACM2', ...twin, portPath: '1-1.3' });
    plug({ path: '/dev/ttyACM0', ...twin, portPath: '1-1.2' });
    plug({ path: '/dev/ttyACM1', ...twin, portPath: '1-1.2' });
    plug({ path: '/dev/ttyACM3', vid: '0c2e', pid: '0901', serial: 'H1', portPath: '1-2' });
    plug({ path: '/dev/ttyS0' });
    const found = await discoverSerial(createManualEnv(), system);
    expect(
      found.map(({ identity, twin, definition }) => [identity.path, twin, definition]),
    ).toEqual([
      [
        '/dev/ttyACM0',
        true,
        { driver: 'serial-scanner', usb: { vid: '05e0', pid: '1701', portPath: '1-1.2' } },
      ],
      [
        '/dev/ttyACM2',
        true,
        { driver: 'serial-scanner', usb: { vid: '05e0', pid: '1701', portPath: '1-1.3' } },
      ],
      [
        '/dev/ttyACM3',
        false,
        { driver: 'serial-scanner', usb: { vid: '0c2e', pid: '0901', serial: 'H1' } },
      ],
      ['/dev/ttyS0', false, undefined],
    ]);
    expect(found[3]?.hint).toEqual({
      'zh-CN': expect.stringContaining('设置'),
      en: expect.stringContaining('settings'),
    });
  });

  test('what a binding writes leads back to its own device, also between twins', async () => {
    const { system, plug } = createFakeSerialSystem();
    for (const [index, portPath] of ['1-1.2', '1-1.3', '1-1.4'].entries())
      plug({ path: `/dev/ttyACM${index}`, vid: '05e0', pid: '1701', serial: '0', portPath });
    for (const { identity, definition } of await discoverSerial(createManualEnv(), system)) {
      if (definition === undefined) throw new Error('each of them can be bound');
      expect(choosePort(await system.ports(), definition.usb)).toMatchObject({
        kind: 'one',
        port: { path: identity.path },
      });
    }
  });
});
