import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHidSystem, instanceOf, socketOf } from '../../../drivers/scanner/hid-native.ts';
import { hidOpenFailure } from '../../../drivers/scanner/hid-refusal.ts';
import { simDescriptor } from '../../../drivers/sim/hid-reports.ts';
import { hasLibusb } from '../../../scripts/machine-needs.ts';
import { createManualEnv } from '../manual-env.ts';
import { createFakeNodeHid } from './fake-node-hid.ts';
import { CLAIM_MS, driverOn, reports } from './hid-fixture.ts';

/** The binding is linked to a library that is not on every machine; in CI it is. */
const testWithLibusb = test.skipIf(!hasLibusb() && process.env['CI'] !== 'true');

const WINDOWS_PATH =
  '\\\\?\\HID#VID_0C2E&PID_0B07&MI_00#7&2A3B1C&0&0000#{4d1e55b2-f16f-11cf-88cb-001111000030}';

const scannerAt = (path: string) => ({
  path,
  vendorId: 0x0c2e,
  productId: 0x0b07,
  serialNumber: 'SN0001',
  manufacturer: '',
  product: 'Xenon 1900 ',
  release: 256,
  interface: 0,
  usagePage: 0x8c,
  usage: 2,
});

describe('where a device is plugged in', () => {
  test.each([
    ['/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/0003:0C2E:0B07.0001/', '1-1'],
    ['/sys/devices/pci0000:00/usb2/2-1/2-1.4/2-1.4.2/2-1.4.2:1.1/0003:05E0:1900.0007/', '2-1.4.2'],
    ['/sys/devices/virtual/misc/uhid/0003:0C2E:0B07.0001/', undefined],
  ])('is read from its folder in Linux: %s', (folder, socket) => {
    expect(socketOf(folder)).toBe(socket);
  });

  test('is read from its name in Windows, and from no other name', () => {
    expect(instanceOf(WINDOWS_PATH)).toBe('7&2a3b1c&0&0000');
    expect(instanceOf('/dev/hidraw0')).toBeUndefined();
  });
});

describe('what Windows says at opening is sorted by its number, whatever the language', () => {
  test.each([
    ['CreateFile: (0x00000020) 另一个程序正在使用此文件，进程无法访问。', 'busy'],
    ['CreateFile: (0x00000005) Zugriff verweigert', 'busy'],
    ['CreateFile: (0x00000002) 系统找不到指定的文件。', 'absent'],
    ['CreateFile: (0x0000048F) 设备没有连接。', 'absent'],
    ['CreateFile: (0x00000057) 参数错误。', 'failed'],
  ])('%s', (detail, code) => {
    expect(hidOpenFailure(detail, WINDOWS_PATH, 'win32').code).toBe(code);
  });

  test('and Linux by its words, with the rule that gives access', () => {
    const denied = hidOpenFailure('Failed to open: Permission denied', '/dev/hidraw0', 'linux');
    expect(denied).toMatchObject({ code: 'denied', advice: { remedy: { code: 'grant-access' } } });
    expect(hidOpenFailure('No such file or directory', '/dev/hidraw0', 'linux').code).toBe(
      'absent',
    );
  });
});

describe('on Windows', () => {
  test('a scanner is found, claimed, read, lost and found again by its name, without a file of its own', async () => {
    const hid = createFakeNodeHid();
    hid.plug(scannerAt(WINDOWS_PATH));
    const env = createManualEnv();
    const { driver, startReady, texts } = driverOn(env, createHidSystem('win32', hid.load));
    await startReady();
    expect(driver.identity()).toMatchObject({ portPath: '7&2a3b1c&0&0000', serial: 'SN0001' });
    for (const report of reports('6901234567892')) hid.send(WINDOWS_PATH, report);
    hid.unplug(WINDOWS_PATH);
    await env.settle();
    expect(driver.state()).toBe('absent');
    hid.plug(scannerAt(WINDOWS_PATH));
    await env.advance(2_000);
    expect(driver.state()).toBe('ready');
    expect(texts()).toEqual(['6901234567892']);
  });
});

describe('on Linux', () => {
  let root = '';
  let node = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tillside-hid-'));
    node = join(root, 'hidraw0');
    const device = join(root, 'usb1/1-1/1-1.2/1-1.2:1.0/0003:0C2E:0B07.0001');
    mkdirSync(device, { recursive: true });
    mkdirSync(join(root, 'class/hidraw0'), { recursive: true });
    writeFileSync(join(device, 'report_descriptor'), simDescriptor);
    symlinkSync(device, join(root, 'class/hidraw0/device'));
    writeFileSync(node, '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('socket, descriptor and rights are read from the system without opening the device', async () => {
    const hid = createFakeNodeHid();
    hid.plug(scannerAt(node));
    const system = createHidSystem('linux', hid.load, join(root, 'class'));
    expect(await system.list()).toEqual([
      {
        path: node,
        vid: '0c2e',
        pid: '0b07',
        serial: 'SN0001',
        portPath: '1-1.2',
        usagePage: 0x8c,
        usage: 2,
        name: 'Xenon 1900',
      },
    ]);
    expect([...((await system.descriptor(node)) ?? [])]).toEqual([...simDescriptor]);
    expect(await system.access(node)).toBe('open');
    expect(await system.access(join(root, 'hidraw9'))).toBe('absent');
    expect(await system.mark(join(root, 'hidraw9'))).toBeUndefined();
    expect(await system.descriptor('/dev/hidraw9')).toBeUndefined();
    expect(hid.openHandles()).toBe(0);
  });

  test('another device under an old name has another mark', async () => {
    const system = createHidSystem('linux', createFakeNodeHid().load, join(root, 'class'));
    const before = await system.mark(node);
    expect(await system.mark(node)).toBe(before);
    writeFileSync(join(root, 'other'), '');
    rmSync(node);
    symlinkSync(join(root, 'other'), node);
    expect(await system.mark(node)).not.toBe(before);
  });
});

describe('node-hid', () => {
  const start = async () => {
    const hid = createFakeNodeHid();
    hid.plug(scannerAt(WINDOWS_PATH));
    const env = createManualEnv();
    const line = driverOn(env, createHidSystem('win32', hid.load));
    await line.startReady();
    return { hid, env, ...line };
  };

  test('a receiver that throws is not given to it, where it would pass for a device fault', async () => {
    const { hid, env, events, driver } = await start();
    const { push } = events;
    events.push = () => {
      throw new Error('the receiver is broken');
    };
    for (const report of reports('6901234567892')) hid.send(WINDOWS_PATH, report);
    events.push = push;
    await new Promise((resolve) => setImmediate(resolve));
    expect(driver.state()).toBe('ready');
    await expect(env.advance(1)).rejects.toThrow('the receiver is broken');
  });

  test.each(['list', 'open', 'feature', 'close'])(
    'an error or a string thrown by %s ends in a named state, and the scanner is back when it works again',
    async (call) => {
      for (const cause of [new Error('broken'), 'broken']) {
        const { hid, env, driver } = await start();
        hid.fail((asked) => (asked === call ? cause : undefined));
        hid.unplug(WINDOWS_PATH);
        await env.advance(3_000);
        hid.plug(scannerAt(WINDOWS_PATH));
        await env.advance(6_000);
        expect(['ready', 'faulted', 'absent']).toContain(driver.state());
        hid.fail(null);
        await env.advance(6_000);
        expect(driver.state()).toBe('ready');
      }
    },
  );

  test('a thousand plug cycles leave one open handle with two listeners, and none when stopped', async () => {
    const { hid, env, driver, texts } = await start();
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      hid.unplug(WINDOWS_PATH);
      hid.plug(scannerAt(WINDOWS_PATH));
      await env.advance(500);
    }
    expect(driver.state()).toBe('ready');
    for (const report of reports('6901234567892')) hid.send(WINDOWS_PATH, report);
    expect(texts()).toEqual(['6901234567892']);
    expect([hid.openHandles(), hid.listeners()]).toEqual([1, 2]);
    await driver.stop();
    await env.advance(CLAIM_MS);
    expect([hid.openHandles(), hid.listeners()]).toEqual([0, 0]);
  });

  test('is not closed before it has begun to read, however soon a handle is given up', async () => {
    const hid = createFakeNodeHid();
    hid.plug(scannerAt(WINDOWS_PATH));
    const system = createHidSystem('win32', hid.load);
    const handle = await system.open(WINDOWS_PATH, { onReport() {}, onError() {} });
    await handle.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect([hid.startedClosed(), hid.openHandles()]).toEqual([0, 0]);
  });

  testWithLibusb(
    'its prebuilt binary is in its package and lists the devices of this computer',
    async () => {
      expect(Array.isArray(await createHidSystem().list())).toBe(true);
    },
  );
});

test('devices are listed once at a time, however many scanners look, and afresh after that', async () => {
  let lists = 0;
  let answer = Promise.withResolvers<[]>();
  const load = () =>
    Promise.resolve({
      devicesAsync() {
        lists += 1;
        return answer.promise;
      },
      HIDAsync: { open: () => Promise.reject(new Error('nothing to open')) },
    });
  const first = createHidSystem('linux', load);
  const second = createHidSystem('linux', load);
  const asked = [first.list(), second.list(), first.list()];
  answer.resolve([]);
  expect(await Promise.all(asked)).toEqual([[], [], []]);
  expect(lists).toBe(1);
  answer = Promise.withResolvers<[]>();
  const failing = second.list();
  answer.reject(new Error('no list'));
  await expect(failing).rejects.toThrow('no list');
  answer = Promise.withResolvers<[]>();
  answer.resolve([]);
  expect(await first.list()).toEqual([]);
  expect(lists).toBe(3);
});

describe('a list of no device in Linux', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-sysfs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const classFolder = () => join(folder, 'hidraw');
  const plugUsb = (name: string, interfaceClass: string): void => {
    mkdirSync(join(folder, 'usb', name), { recursive: true });
    writeFileSync(join(folder, 'usb', name, 'bInterfaceClass'), `${interfaceClass}\n`);
  };
  const list = () =>
    createHidSystem('linux', createFakeNodeHid().load, classFolder(), join(folder, 'usb')).list();

  test('is one where the kernel has a folder of HID nodes, or no HID device was ever plugged in', async () => {
    expect(await list()).toEqual([]);
    plugUsb('1-1:1.0', '08');
    expect(await list()).toEqual([]);
    mkdirSync(classFolder());
    plugUsb('1-2:1.0', '03');
    expect(await list()).toEqual([]);
  });

  test('says nothing where the folder cannot be read', async () => {
    writeFileSync(classFolder(), '');
    await expect(list()).rejects.toThrow('ENOTDIR');
  });

  test('says nothing where a HID device is plugged in and the kernel gives it no node', async () => {
    plugUsb('1-2:1.0', '03');
    await expect(list()).rejects.toThrow('no hidraw');
  });
});
