import { describe, expect, test } from 'vitest';
import type { DevicePort } from '../../../agent/app/deps.ts';
import { DAYS_WRITTEN_EVERY_MS } from '../../../agent/app/device-days.ts';
import { HOUSEKEEPING_MS } from '../../../agent/app/heartbeat.ts';
import {
  DEVICE_DAYS_KEPT,
  DEVICE_DAYS_PAGE_MAX,
  type DeviceBinding,
  type DeviceView,
  deviceViewSchema,
  err,
  ok,
  text,
  toInstant,
} from '../../../agent/contract/index.ts';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import type { FoundDevice, Unlisted } from '../../../drivers/contract/found-device.ts';
import { deviceStates } from '../../../drivers/contract/state.ts';
import type { StatisticsGain } from '../../../drivers/contract/statistics.ts';
import { unlistedOf } from '../../../drivers/unlisted.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import { failed, MANAGER, openTill, PIN, type Rig, type RigOptions, value } from './rig.ts';

const ZEBRA: FoundDevice = {
  identity: {
    transport: 'hid',
    vid: '05e0',
    pid: '1701',
    serial: 'S1',
    portPath: '1-1.2',
    path: '/dev/hidraw0',
  },
  mode: 'hid-pos',
  maker: 'Zebra',
  name: 'DS2208',
  twin: false,
  definition: { driver: 'hid-scanner', usb: { vid: '05e0', pid: '1701', serial: 'S1' } },
};
const TWIN: FoundDevice = {
  identity: {
    transport: 'serial',
    vid: '0c2e',
    pid: '0b61',
    portPath: '1-3',
    path: '/dev/ttyACM1',
  },
  mode: 'serial',
  twin: true,
  definition: { driver: 'serial-scanner', usb: { vid: '0c2e', pid: '0b61', portPath: '1-3' } },
};
const TYPING: FoundDevice = {
  identity: { transport: 'hid', vid: '05f9', pid: '2206', portPath: '1-4', path: '/dev/hidraw3' },
  mode: 'keyboard',
  twin: false,
  hint: { 'zh-CN': '请扫设置码', en: 'Scan the set-up code' },
};

function viewOf(deviceId: string, found: FoundDevice, state = 'ready'): DeviceView {
  const { transport, vid, pid, serial, portPath, path } = found.identity;
  return deviceViewSchema.parse({
    deviceId,
    driver: 'scanner',
    owner: 'agent',
    state,
    since: toInstant(TEST_NOW_MS),
    simulated: false,
    hint: text('可用', 'ready'),
    identity: { transport, vid, pid, serial, portPath, path },
    statistics: {},
  });
}

interface DeviceRig extends Rig {
  /** What the drivers were told to use, in turn. */
  readonly told: (readonly DeviceBinding[])[];
  count(deviceId: string, gain: Partial<StatisticsGain>): void;
}

const looked = (found: readonly FoundDevice[], unlisted: readonly Unlisted[] = []) =>
  ok({ found, unlisted });

function openDevices(port: Partial<DevicePort> = {}, options: RigOptions = {}): DeviceRig {
  const told: (readonly DeviceBinding[])[] = [];
  const listeners = new Set<(deviceId: string, gain: StatisticsGain) => void>();
  const rig = openTill({
    ...options,
    devicePort: {
      discover: async () => looked([ZEBRA, TWIN, TYPING]),
      async bind(bindings) {
        told.push(bindings);
        return ok(undefined);
      },
      onCounted(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      ...port,
    },
  });
  return {
    ...rig,
    get store() {
      return rig.store;
    },
    told,
    count(deviceId, gain) {
      const nothing: StatisticsGain = {
        scans: 0,
        partial: 0,
        dropped: 0,
        duplicates: 0,
        unknownSymbology: 0,
        commErrors: 0,
        unplugs: 0,
        reopens: 0,
        claimFailures: 0,
        timeInStateMs: zeroTimes(),
      };
      for (const listener of listeners) listener(deviceId, { ...nothing, ...gain });
    },
  };
}

const idOf = async (rig: Rig, device: FoundDevice): Promise<string> => {
  const { found } = value(await rig.till.discoverDevices());
  return found.find(({ identity }) => identity.path === device.identity.path)?.foundId ?? '';
};

describe('a role', () => {
  test('is bound by serial number, is on the audit log with who did it, and is there after a restart', async () => {
    const rig = openDevices();
    value(await rig.till.signIn(MANAGER, PIN));
    const bound = value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    expect(bound).toMatchObject({ serial: 'S1', name: 'Zebra DS2208', boundBy: MANAGER });
    expect(bound).not.toHaveProperty('portPath');
    expect(rig.told).toEqual([[bound]]);
    expect(rig.store.audit.recent(1)).toMatchObject([
      { action: 'device-bound', staffId: MANAGER, detail: { role: 'till-scanner', serial: 'S1' } },
    ]);
    rig.restart();
    expect(rig.files.store.deviceBindings.list()).toEqual([bound]);
  });

  test('that is changed while another change waits for the drivers waits for it: what is refused takes back only itself', async () => {
    const refused: ((answer: Awaited<ReturnType<DevicePort['bind']>>) => void)[] = [];
    const rig = openDevices({
      bind: (bindings) =>
        bindings.some(({ serial }) => serial === 'S1')
          ? new Promise((settle) => refused.push(settle))
          : Promise.resolve(ok(undefined)),
    });
    const first = rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA));
    const second = rig.till.bindDevice('till-scanner', await idOf(rig, TWIN));
    await expect.poll(() => refused.length).toBe(1);
    refused[0]?.(err('devices-unreachable'));
    expect(failed(await first).code).toBe('devices-unreachable');
    const bound = value(await second);
    expect(rig.store.deviceBindings.list()).toEqual([bound]);
  });

  test('Two identical scanners: each is bound by its socket, and neither is taken for the other', async () => {
    const other: FoundDevice = {
      ...TWIN,
      identity: { ...TWIN.identity, portPath: '1-5', path: '/dev/ttyACM2' },
      definition: { driver: 'serial-scanner', usb: { vid: '0c2e', pid: '0b61', portPath: '1-5' } },
    };
    const rig = openDevices({ discover: async () => looked([TWIN, other]) });
    const { found } = value(await rig.till.discoverDevices());
    expect(found.map(({ twin }) => twin)).toEqual([true, true]);
    expect(new Set(found.map(({ foundId }) => foundId)).size).toBe(2);
    value(await rig.till.bindDevice('till-scanner', await idOf(rig, TWIN)));
    value(await rig.till.bindDevice('customer-scanner', await idOf(rig, other)));
    expect(rig.told.at(-1)?.map(({ role, portPath }) => [role, portPath])).toEqual([
      ['customer-scanner', '1-5'],
      ['till-scanner', '1-3'],
    ]);
  });

  test('is not given to what was pulled meanwhile, to what types, or to what has another role', async () => {
    const rig = openDevices({ list: () => [viewOf('customer-scanner', ZEBRA)] });
    expect(failed(await rig.till.bindDevice('till-scanner', 'hid|9-9')).code).toBe('device-gone');
    expect(failed(await rig.till.bindDevice('till-scanner', await idOf(rig, TYPING))).code).toBe(
      'device-not-bindable',
    );
    expect(failed(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)))).toEqual({
      code: 'device-in-use',
      field: 'foundId',
      data: { deviceId: 'customer-scanner' },
    });
    expect(rig.store.deviceBindings.list()).toEqual([]);
    expect(rig.told).toEqual([]);
  });

  test('can be given to a device whose node was that of one that is gone', async () => {
    const rig = openDevices({ list: () => [viewOf('customer-scanner', ZEBRA, 'absent')] });
    value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
  });

  test('that several fit is free to be given to one of them', async () => {
    const rig = openDevices({ list: () => [viewOf('till-scanner', TWIN, 'ambiguous')] });
    const { found } = value(await rig.till.discoverDevices());
    expect(found.some(({ usedBy }) => usedBy !== undefined)).toBe(false);
    expect(value(await rig.till.bindDevice('till-scanner', await idOf(rig, TWIN))).portPath).toBe(
      '1-3',
    );
  });

  test('that the drivers refuse is not kept', async () => {
    const rig = openDevices({ bind: async () => err('device-not-bindable') });
    expect(failed(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA))).code).toBe(
      'device-not-bindable',
    );
    expect(rig.store.deviceBindings.list()).toEqual([]);
    expect(failed(await rig.till.undoBinding('till-scanner')).code).toBe('binding-unknown');
  });

  test('that is changed or taken away comes back by undo, once', async () => {
    const rig = openDevices();
    const first = value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    value(await rig.till.bindDevice('till-scanner', await idOf(rig, TWIN)));
    expect(value(await rig.till.undoBinding('till-scanner'))).toEqual(first);
    expect(rig.store.deviceBindings.list()).toEqual([first]);
    expect(failed(await rig.till.undoBinding('till-scanner')).code).toBe('binding-unknown');
    value(await rig.till.unbindDevice('till-scanner'));
    expect(rig.told.at(-1)).toEqual([]);
    value(await rig.till.undoBinding('till-scanner'));
    expect(rig.told.at(-1)).toEqual([first]);
    expect(failed(await rig.till.unbindDevice('customer-scanner')).code).toBe('binding-unknown');
  });

  test('does not come back by undo where its device has another role by now', async () => {
    const rig = openDevices();
    value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    const twin = value(await rig.till.bindDevice('till-scanner', await idOf(rig, TWIN)));
    const other = value(await rig.till.bindDevice('customer-scanner', await idOf(rig, ZEBRA)));
    const told = rig.told.length;
    expect(failed(await rig.till.undoBinding('till-scanner'))).toMatchObject({
      code: 'device-in-use',
      data: { deviceId: 'customer-scanner' },
    });
    expect(rig.store.deviceBindings.list()).toEqual(expect.arrayContaining([twin, other]));
    expect(rig.told).toHaveLength(told);
    // Given free again, it can go back.
    value(await rig.till.unbindDevice('customer-scanner'));
    value(await rig.till.undoBinding('till-scanner'));
  });

  test('that somebody at another screen changed meanwhile is not changed back by an undo that did not see it', async () => {
    const rig = openDevices();
    const mine = value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    value(await rig.till.unbindDevice('till-scanner'));
    const theirs = value(await rig.till.bindDevice('till-scanner', await idOf(rig, TWIN)));
    // I took it away, so I believe that nothing is there.
    expect(failed(await rig.till.undoBinding('till-scanner', null)).code).toBe('binding-unknown');
    expect(rig.store.deviceBindings.list()).toEqual([theirs]);
    expect(value(await rig.till.undoBinding('till-scanner', theirs.boundAt))).toBeNull();
    expect(failed(await rig.till.undoBinding('till-scanner', mine.boundAt)).code).toBe(
      'binding-unknown',
    );
  });

  test('is not given to a device that has another one, though its driver has not found it again yet', async () => {
    const rig = openDevices({ list: () => [viewOf('till-scanner', ZEBRA, 'absent')] });
    value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    const again = await rig.till.bindDevice('customer-scanner', await idOf(rig, ZEBRA));
    expect(failed(again).code).toBe('device-in-use');
  });

  test('stands beside its device in the list', async () => {
    const rig = openDevices({ list: () => [viewOf('till-scanner', ZEBRA)] });
    expect(value(await rig.till.devices())[0]).not.toHaveProperty('binding');
    const bound = value(await rig.till.bindDevice('till-scanner', await idOf(rig, ZEBRA)));
    expect(value(await rig.till.devices())).toMatchObject([{ binding: bound }]);
    expect(value(await rig.till.discoverDevices()).found[0]?.usedBy).toBe('till-scanner');
  });
});

test('a kind of devices that could not be listed is told beside what was found, with why and what to do', async () => {
  const detail = 'Error: libusb-1.0.so.0: cannot open shared object file';
  const rig = openDevices({ discover: async () => looked([ZEBRA], [unlistedOf('hid', detail)]) });
  const { found, unlisted } = value(await rig.till.discoverDevices());
  expect(found).toHaveLength(1);
  expect(unlisted).toEqual([
    {
      way: 'hid',
      hint: expect.objectContaining({ en: expect.stringContaining('libusb-1.0') }),
      remedy: expect.objectContaining({ 'zh-CN': expect.stringContaining('libusb-1.0-0') }),
      command: 'sudo apt-get install libusb-1.0-0',
      detail,
    },
  ]);
});

test('a driver process that does not answer is said, not waited for', async () => {
  const rig = openDevices({ discover: async () => err('devices-unreachable') });
  expect(failed(await rig.till.discoverDevices()).code).toBe('devices-unreachable');
  expect(failed(await rig.till.bindDevice('till-scanner', 'x')).code).toBe('devices-unreachable');
});

test('a check that begins to wait, and one that ends, are told to screens with the state as it was', () => {
  const rig = openDevices({ list: () => [viewOf('till-scanner', ZEBRA)] });
  rig.report({
    type: 'health',
    deviceId: 'till-scanner',
    at: { monoMs: 0, wall: toInstant(TEST_NOW_MS) },
    report: {
      level: 'interactive',
      outcome: 'waiting',
      checks: [],
      text: { 'zh-CN': '请扫描', en: 'Scan' },
      challenge: 'TILLSIDE-CHECK-000001',
    },
  });
  const body = rig.events().at(-1)?.body;
  expect(body).toMatchObject({ kind: 'device', state: 'ready', check: 'waiting' });
  expect(JSON.stringify(body)).not.toContain('000001');
});

describe('what devices did', () => {
  test('is written once a minute and at the end, adds up, and is there after a restart', async () => {
    const rig = openDevices();
    const time = { ...zeroTimes(), ready: 1_000.4, faulted: 200.4, absent: 9_000, paused: 50 };
    rig.count('till-scanner', { scans: 2, timeInStateMs: time });
    rig.count('till-scanner', { scans: 1, unplugs: 1 });
    expect(rig.store.deviceStatistics.since('', 9, 0)).toEqual([]);
    rig.time.pass(DAYS_WRITTEN_EVERY_MS);
    expect(rig.store.deviceStatistics.since('', 9, 0)).toMatchObject([
      { deviceId: 'till-scanner', scans: 3, unplugs: 1, readyMs: 1_000, troubledMs: 200 },
    ]);
    rig.count('till-scanner', { scans: 4 });
    rig.restart();
    expect(rig.files.store.deviceStatistics.since('', 9, 0)).toMatchObject([{ scans: 7 }]);
  });

  test('is read whole, with what is not written yet, page by page', async () => {
    const rig = openDevices();
    for (let n = 0; n <= DEVICE_DAYS_PAGE_MAX; n += 1)
      rig.count(`scanner-${String(n).padStart(3, '0')}`, { scans: n });
    const first = value(await rig.till.deviceDays(1, 0));
    expect(first.rows).toHaveLength(DEVICE_DAYS_PAGE_MAX);
    expect(first.next).toBe(DEVICE_DAYS_PAGE_MAX);
    const second = value(await rig.till.deviceDays(1, DEVICE_DAYS_PAGE_MAX));
    expect(second).toMatchObject({ rows: [{ scans: DEVICE_DAYS_PAGE_MAX }], next: null });
  });

  test(`is kept for ${DEVICE_DAYS_KEPT} days and no longer`, async () => {
    const rig = openDevices();
    rig.count('till-scanner', { scans: 1 });
    const [today] = value(await rig.till.deviceDays(1, 0)).rows;
    if (today === undefined) throw new Error('what was counted is read');
    rig.store.deviceStatistics.add({ ...today, day: addDays(today.day, -DEVICE_DAYS_KEPT) });
    rig.store.deviceStatistics.add({ ...today, day: addDays(today.day, -DEVICE_DAYS_KEPT - 1) });
    rig.time.pass(HOUSEKEEPING_MS + 1_000);
    expect(rig.store.deviceStatistics.since('', 9, 0).map(({ day }) => day)).toEqual([
      today.day,
      addDays(today.day, -DEVICE_DAYS_KEPT),
    ]);
  });
});

function zeroTimes(): StatisticsGain['timeInStateMs'] {
  return Object.fromEntries(
    deviceStates.map((state) => [state, 0]),
  ) as StatisticsGain['timeInStateMs'];
}
