import { describe, expect, test } from 'vitest';
import {
  chooseScanner,
  MAX_INTERFACES,
  scannersAmong,
} from '../../../drivers/scanner/hid-device.ts';
import { discoverHid } from '../../../drivers/scanner/hid-discover.ts';
import { makerOf } from '../../../drivers/scanner/hid-makers.ts';
import { createSimHidSystem, type SimHidDevice } from '../../../drivers/sim/hid-system.ts';
import { createManualEnv } from '../manual-env.ts';
import { CLAIM_MS, createHidFixture, honeywell } from './hid-fixture.ts';

/** Zebra's keyboard mode, as Windows lists it; nobody may open it there. */
const zebraKeyboard: SimHidDevice = {
  path: '\\\\?\\HID#VID_05E0&PID_1200#7&2a3b&0&0000#{4d1e55b2-f16f-11cf-88cb-001111000030}\\KBD',
  vid: '05e0',
  pid: '1200',
  portPath: '7&2a3b&0&0000',
  usagePage: 1,
  usage: 6,
};
const datalogicOem: SimHidDevice = {
  path: '/dev/hidraw4',
  vid: '05f9',
  pid: '2206',
  serial: 'D1',
  portPath: '1-4',
  usagePage: 0xff45,
  usage: 0x4b,
};
const officeKeyboard: SimHidDevice = {
  path: '/dev/hidraw5',
  vid: '046d',
  pid: 'c31c',
  portPath: '1-5',
  usagePage: 1,
  usage: 6,
};

describe('a scanner in a mode that cannot be read', () => {
  test('in keyboard mode on Windows it is unsupported, the set-up code of its maker is named in both languages, and it is never opened', async () => {
    const opened: string[] = [];
    const { driver, env, lastState, errors } = createHidFixture({
      platform: 'win32',
      devices: [zebraKeyboard],
      usb: { vid: '05E0', pid: '1900', serial: 'Z1' },
      behave: (call) => {
        opened.push(call);
        return call === 'open' ? { says: 'CreateFile: (0x00000005) 拒绝访问。' } : 'well';
      },
    });
    driver.start();
    await env.advance(10_000);
    expect(lastState()).toMatchObject({ to: 'unsupported', remedy: { code: 'scan-setup-code' } });
    expect(lastState()?.hint.en).toContain('keyboard mode');
    expect(lastState()?.remedy.text.en).toMatch(/“USB HID POS”.*Zebra/);
    expect(lastState()?.remedy.text['zh-CN']).toMatch(/Zebra.*“USB HID POS”/);
    expect(errors().map(({ code }) => code)).toEqual(['E_ILLEGAL']);
    expect(opened).not.toContain('open');
  });

  test('set up by that code it is claimed by itself, though its product id and serial number have changed', async () => {
    const { driver, env, system } = createHidFixture({
      devices: [zebraKeyboard],
      usb: { vid: '05e0', pid: '1900', serial: 'Z1' },
    });
    driver.start();
    await env.advance(CLAIM_MS);
    expect(driver.state()).toBe('unsupported');
    system.unplug(zebraKeyboard.path);
    system.plug({ ...honeywell, vid: '05e0', pid: '1900', serial: 'Z1' });
    await env.advance(6_000);
    expect(driver.state()).toBe('ready');
  });

  test('in the mode for OPOS of its maker it is unsupported with a hint of its own', async () => {
    const { driver, env, lastState } = createHidFixture({
      devices: [datalogicOem],
      usb: { vid: '05f9', portPath: '1-4' },
    });
    driver.start();
    await env.advance(CLAIM_MS);
    expect(lastState()).toMatchObject({ to: 'unsupported' });
    expect(lastState()?.hint.en).toMatch(/IBM hand-held, USB-OEM, OPOS/);
    expect(lastState()?.remedy.text.en).toMatch(/Datalogic/);
  });

  test('a scanner of the same maker with another serial number, or in another socket, is not taken for it', () => {
    const scanners = scannersAmong([datalogicOem]);
    expect(chooseScanner(scanners, { vid: '05f9', serial: 'D2' }).kind).toBe('none');
    expect(chooseScanner(scanners, { vid: '05f9', portPath: '1-5' }).kind).toBe('none');
    expect(chooseScanner(scanners, { vid: '05f9', pid: '1234' }).kind).toBe('one');
  });

  test('every known maker has a set-up code and a chapter to find it in', () => {
    for (const vid of ['0536', '0c2e', '23d0', '05e0', '05f9', '1eab']) {
      const maker = makerOf(vid);
      expect(maker?.setupCode.code).toBeTruthy();
      expect(maker?.setupCode.chapter).toBeTruthy();
    }
    expect(makerOf('constructor')).toBeUndefined();
  });
});

describe('the scanners of a computer', () => {
  const list = async (...devices: readonly SimHidDevice[]) => {
    const env = createManualEnv();
    const system = createSimHidSystem(env);
    for (const device of devices) system.plug(device);
    return discoverHid(env, system);
  };

  test('are listed once each with what a binding writes: the serial number where there is one', async () => {
    const trigger = { ...honeywell, path: '/dev/hidraw0-b', usage: 0x14 };
    expect(await list(trigger, honeywell, officeKeyboard)).toEqual([
      {
        identity: {
          transport: 'hid',
          vid: '0c2e',
          pid: '0b07',
          serial: 'SN0001',
          portPath: '1-1.2',
          usagePage: 0x8c,
          path: '/dev/hidraw0',
        },
        mode: 'hid-pos',
        maker: 'Honeywell',
        name: 'Xenon 1900',
        twin: false,
        definition: {
          driver: 'hid-scanner',
          usb: { vid: '0c2e', pid: '0b07', serial: 'SN0001' },
        },
      },
    ]);
  });

  test('that are twins are bound by their sockets, and each is told to be one', async () => {
    const found = await list(honeywell, { ...honeywell, path: '/dev/hidraw1', portPath: '1-1.3' });
    expect(found.map(({ twin, definition }) => [twin, definition?.usb.portPath])).toEqual([
      [true, '1-1.2'],
      [true, '1-1.3'],
    ]);
  });

  test('in another mode have a hint and nothing to bind, and are named after their maker', async () => {
    const [found] = await list(zebraKeyboard);
    expect(found).toMatchObject({ mode: 'keyboard', maker: 'Zebra' });
    expect(found?.definition).toBeUndefined();
    expect(found?.hint?.en).toMatch(/keyboard mode.*USB HID POS/);
    expect(found?.hint?.['zh-CN']).toMatch(/键盘模式.*USB HID POS/);
  });

  test('that also type are one scanner, on Windows too, where their interfaces have names of their own', async () => {
    const typing = { ...honeywell, path: '/dev/hidraw9', usagePage: 1, usage: 6 };
    expect(await list(typing, honeywell)).toHaveLength(1);
    expect(await list({ ...typing, portPath: '8&other' }, honeywell)).toHaveLength(1);
  });

  test('are looked for among so many interfaces and no more', () => {
    const others = Array.from({ length: MAX_INTERFACES }, (_, index) => ({
      ...officeKeyboard,
      path: `/dev/hidraw${index + 10}`,
    }));
    expect(scannersAmong([...others.slice(1), honeywell])).toHaveLength(1);
    expect(scannersAmong([...others, honeywell])).toHaveLength(0);
  });
});
