import { describe, expect, test } from 'vitest';
import { toUnlistedView } from '../../../../agent/app/devices.ts';
import { deviceViewSchema, foundDeviceSchema, text } from '../../../../agent/contract/index.ts';
import {
  checksOfDefinitions,
  checksOfDevices,
  checksOfFound,
  checksOfUnlisted,
  type DeviceLook,
} from '../../../../agent/main/commands/device-checks.ts';
import type { FoundDevice } from '../../../../drivers/contract/found-device.ts';
import { unlistedOf } from '../../../../drivers/unlisted.ts';

const AT = '2026-11-21T06:30:00.000Z';
const VIEW = {
  deviceId: 'till-scanner',
  driver: 'scanner',
  owner: 'agent',
  state: 'ready',
  since: AT,
  simulated: false,
  hint: text('设备可以使用。', 'The device is ready.'),
  identity: { transport: 'hid', vid: '05e0', pid: '1701', serial: 'S1', path: '/dev/hidraw0' },
  lastScan: { at: AT, characters: 13 },
  statistics: {},
};

const ZEBRA: FoundDevice = {
  identity: { transport: 'hid', vid: '05e0', pid: '1701', serial: 'S1', path: '/dev/hidraw0' },
  mode: 'hid-pos',
  maker: 'Zebra',
  twin: false,
};
const ROLE = {
  id: 'till-scanner',
  driver: 'hid-scanner',
  owner: 'agent',
  usb: { vid: '05E0', pid: '1701', serial: 'S1' },
};

function look(over: Partial<DeviceLook> = {}): DeviceLook {
  return {
    found: [ZEBRA],
    unlisted: [],
    mayOpen: () => true,
    exists: () => true,
    nodeOf: (path) => path,
    holderOf: async () => null,
    ...over,
  };
}

const only = async (definition: Record<string, unknown>, over: Partial<DeviceLook> = {}) =>
  (await checksOfDefinitions([definition], look(over))).checks[0];

describe('doctor on the devices of a till that runs', () => {
  test('has a line for each with what it is known by, and never the code that it read', () => {
    const [check] = checksOfDevices([deviceViewSchema.parse(VIEW)]);
    expect(check).toEqual({
      check: 'device till-scanner',
      ok: true,
      detail: `设备可以使用。自 ${AT} 起。上次扫码 ${AT}。 / The device is ready. Since ${AT}. Last scan ${AT}. (ready, 05e0:1701, serial S1, /dev/hidraw0)`,
    });
  });

  test('gives the remedy of the driver, with the command where there is one and what the system said', () => {
    const [check] = checksOfDevices([
      deviceViewSchema.parse({
        ...VIEW,
        state: 'denied',
        remedy: text('安装规则', 'Install the rule'),
        command: 'sudo udevadm trigger',
        detail: 'Permission denied',
      }),
    ]);
    expect(check).toMatchObject({
      ok: false,
      detail: expect.stringContaining('Permission denied'),
      remedy: '安装规则 / Install the rule: sudo udevadm trigger',
    });
  });

  test('names scanners without a role as no fault, with what to do, and no plain port of the computer', () => {
    const found = [
      { foundId: 'a', mode: 'hid-pos', identity: VIEW.identity, twin: true, bindable: true },
      {
        foundId: 'b',
        mode: 'keyboard',
        identity: { transport: 'hid', vid: '05f9', path: '/dev/hidraw5' },
        twin: false,
        bindable: false,
        hint: text('扫设置码', 'Scan the set-up code'),
      },
      {
        foundId: 'c',
        mode: 'serial',
        identity: { transport: 'serial', path: '/dev/ttyS0' },
        twin: false,
        bindable: false,
      },
      {
        foundId: 'd',
        mode: 'hid-pos',
        identity: { ...VIEW.identity, path: '/dev/hidraw6' },
        twin: false,
        bindable: true,
        usedBy: 'till-scanner',
      },
    ].map((one) => foundDeviceSchema.parse(one));
    const checks = checksOfFound(found);
    expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
      ['found /dev/hidraw0', true],
      ['found /dev/hidraw5', true],
    ]);
    expect(checks[0]?.detail).toBe(
      '没有分配用途；有相同的设备，请按插口绑定 / no role at this till; has a twin: bind it by its socket (05e0:1701, hid-pos)',
    );
    expect(checks[0]?.remedy).toContain('Devices');
    expect(checks[1]?.remedy).toContain('Scan the set-up code');
  });
});

describe('doctor on the devices of a till that does not run', () => {
  test('finds them by their ids, whichever case these are written in', async () => {
    expect(await only(ROLE)).toMatchObject({
      check: 'device till-scanner',
      ok: true,
      detail: '已插好，未被占用 / plugged in and free (Zebra, /dev/hidraw0)',
    });
  });

  test('says which is not plugged in', async () => {
    expect(await only(ROLE, { found: [] })).toMatchObject({
      ok: false,
      detail: 'absent: 没有插好，或找不到 / not plugged in, or not found',
      remedy: expect.stringContaining('Plug the device in'),
    });
  });

  test('No permission: names the udev rule', async () => {
    expect(await only(ROLE, { mayOpen: () => false })).toMatchObject({
      ok: false,
      detail: 'denied: 本账户不能打开 / this account may not open it (/dev/hidraw0)',
      remedy: expect.stringContaining('70-tillside-scanners.rules'),
    });
  });

  test('Device busy in another process: names the process', async () => {
    expect(
      await only(ROLE, {
        holderOf: async () =>
          text('被进程 4711 占用（till-scanner）', 'claimed by process 4711 as till-scanner'),
      }),
    ).toMatchObject({
      ok: false,
      detail:
        'busy: 被进程 4711 占用（till-scanner） / claimed by process 4711 as till-scanner (/dev/hidraw0)',
    });
  });

  test('Two identical scanners: says that nothing tells them apart', async () => {
    const twin = { ...ZEBRA, identity: { ...ZEBRA.identity, path: '/dev/hidraw1' } };
    expect(await only(ROLE, { found: [ZEBRA, twin] })).toMatchObject({
      ok: false,
      detail: 'ambiguous: 有几个设备符合 / several devices fit (/dev/hidraw0, /dev/hidraw1)',
    });
  });

  test('says which types like a keyboard', async () => {
    const typing: FoundDevice = { ...ZEBRA, mode: 'keyboard' };
    expect(await only(ROLE, { found: [typing] })).toMatchObject({
      ok: false,
      detail: 'unsupported: 处于键盘模式 / it is in keyboard mode (/dev/hidraw0)',
    });
  });

  test('leaves alone what another program opens, and knows a port by its path', async () => {
    expect(await only({ ...ROLE, owner: 'pos' }, { found: [] })).toMatchObject({ ok: true });
    const port = { id: 'p', driver: 'serial-scanner', owner: 'agent', path: '/dev/ttyS9' };
    expect(await only(port, { found: [], exists: () => false })).toMatchObject({ ok: false });
    expect(await only(port, { found: [] })).toMatchObject({ ok: true });
  });

  test('takes a serial number as it is written, as the driver does', async () => {
    const other = { ...ROLE, usb: { ...ROLE.usb, serial: 's1' } };
    expect(await only(other)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^absent/),
    });
  });

  test('knows a port that is set up by a link for the device that it leads to, and so who holds it', async () => {
    const port: FoundDevice = {
      identity: { transport: 'serial', vid: '05e0', portPath: '1-1.2', path: '/dev/ttyACM3' },
      mode: 'serial',
      twin: false,
    };
    const link = { id: 'p', driver: 'serial-scanner', owner: 'agent', path: '/dev/serial/by-id/x' };
    const asked: unknown[] = [];
    const { used } = await checksOfDefinitions(
      [link],
      look({
        found: [port],
        nodeOf: () => '/dev/ttyACM3',
        holderOf: async (identity) => {
          asked.push(identity);
          return null;
        },
      }),
    );
    expect([used, asked]).toEqual([[port], [port.identity]]);
  });

  test('says that devices of a kind cannot be listed, and not that one of them is not plugged in', async () => {
    const detail = 'Error: libusb-1.0.so.0: cannot open shared object file';
    const unlisted = [unlistedOf('hid', detail)];
    const { checks } = await checksOfDefinitions([ROLE], look({ found: [], unlisted }));
    expect(checks).toEqual([
      {
        check: 'device till-scanner',
        ok: false,
        detail: `faulted: 这类设备无法列出 / devices of this kind cannot be listed (${detail})`,
        remedy: expect.stringContaining('sudo apt-get install libusb-1.0-0'),
      },
    ]);
    const other = { ...ROLE, driver: 'serial-scanner' };
    expect(await only(other, { found: [], unlisted })).toMatchObject({
      detail: expect.stringMatching(/^absent/),
    });
  });

  test('says in a line of its own that a kind cannot be listed, why and what to do, as no fault by itself', () => {
    const detail = "Error: EACCES: permission denied, scandir '/sys/class/hidraw'";
    const unlisted = [toUnlistedView(unlistedOf('hid', detail))];
    expect(checksOfUnlisted(unlisted)).toEqual([
      {
        check: 'list of hid devices',
        ok: true,
        detail: expect.stringMatching(
          /无法列出 USB HID 设备.*could not be listed.*\(Error: EACCES/,
        ),
        remedy: expect.stringMatching(/账户.*account/),
      },
    ]);
  });

  test('tells which of the found ones it used', async () => {
    const { used } = await checksOfDefinitions([ROLE], look());
    expect(used).toEqual([ZEBRA]);
  });
});
