import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type DeviceBinding,
  type DeviceDay,
  deviceBindingSchema,
  deviceDaySchema,
  toInstant,
} from '../../../agent/contract/index.ts';
import { DEVICE_DAYS_MAX } from '../../../agent/store/repositories/device-statistics.ts';
import { adoptSnapshot } from '../../../agent/store/snapshot/adopt-snapshot.ts';
import { openSnapshotBuild } from '../../../agent/store/snapshot/snapshot-build.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../support/damaged.ts';
import { must } from '../../support/must.ts';
import { feedBuild, startOf, testSnapshot } from '../../support/snapshots.ts';
import { openTestStore, TEST_NOW_MS } from '../../support/store.ts';

const BINDING: DeviceBinding = deviceBindingSchema.parse({
  role: 'till-scanner',
  driver: 'hid-scanner',
  vid: '05e0',
  pid: '1701',
  serial: 'S2130',
  name: 'Zebra DS2208',
  boundAt: toInstant(TEST_NOW_MS),
  boundBy: '150',
});

function dayOf(day: string, more: Partial<Record<keyof DeviceDay, unknown>> = {}): DeviceDay {
  return deviceDaySchema.parse({
    day,
    deviceId: 'till-scanner',
    scans: 3,
    partial: 1,
    dropped: 0,
    duplicates: 2,
    unknownSymbology: 0,
    commErrors: 0,
    unplugs: 1,
    reopens: 1,
    claimFailures: 0,
    readyMs: 60_000,
    troubledMs: 500,
    ...more,
  });
}

describe('the binding of a role', () => {
  test('is kept over a restart as it was written, and a later one takes its place', () => {
    const till = openTestStore();
    till.store.deviceBindings.put(BINDING);
    const { serial: _serial, name: _name, boundBy: _by, ...bare } = BINDING;
    const bySocket: DeviceBinding = { ...bare, role: 'customer-scanner', portPath: '1-1.2' };
    till.store.deviceBindings.put(bySocket);
    expect(till.reopen().deviceBindings.list()).toEqual([bySocket, BINDING]);
    const other = { ...BINDING, serial: 'S9999' };
    till.store.deviceBindings.put(other);
    expect(till.store.deviceBindings.list()).toEqual([bySocket, other]);
    expect(till.store.deviceBindings.remove('till-scanner')).toBe(true);
    expect(till.store.deviceBindings.remove('till-scanner')).toBe(false);
    expect(till.reopen().deviceBindings.list()).toEqual([bySocket]);
  });

  test('that this version cannot read counts as none, so that the role can be bound again', () => {
    const till = openTestStore();
    till.store.deviceBindings.put(BINDING);
    till.withSql((db) => db.exec(`UPDATE device_bindings SET driver = 'telepathy'`));
    expect(till.store.deviceBindings.list()).toEqual([]);
  });
});

describe('what devices did', () => {
  test('adds up by day and device, latest first, page by page', () => {
    const { deviceStatistics } = openTestStore().store;
    deviceStatistics.add(dayOf('2026-11-20'));
    deviceStatistics.add(dayOf('2026-11-21'));
    deviceStatistics.add(dayOf('2026-11-21', { scans: 4, readyMs: 1 }));
    deviceStatistics.add(dayOf('2026-11-21', { deviceId: 'customer-scanner' }));
    const sum = dayOf('2026-11-21', {
      scans: 7,
      partial: 2,
      duplicates: 4,
      unplugs: 2,
      reopens: 2,
      readyMs: 60_001,
      troubledMs: 1_000,
    });
    const all = [dayOf('2026-11-21', { deviceId: 'customer-scanner' }), sum, dayOf('2026-11-20')];
    expect(deviceStatistics.since('', 10, 0)).toEqual(all);
    expect(deviceStatistics.since('2026-11-21', 10, 0)).toEqual(all.slice(0, 2));
    expect(deviceStatistics.since('', 1, 1)).toEqual([sum]);
    expect(deviceStatistics.pruneBefore('2026-11-21')).toBe(1);
    expect(deviceStatistics.since('', 10, 0)).toEqual(all.slice(0, 2));
  });

  test(`is ${DEVICE_DAYS_MAX} rows at most: the oldest day gives way`, () => {
    const till = openTestStore();
    const { deviceStatistics } = till.store;
    till.withSql((db) =>
      db.exec(`
        INSERT INTO device_statistics WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${DEVICE_DAYS_MAX})
          SELECT printf('%08d', i), 'd', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM n`),
    );
    const days = (): string[] =>
      deviceStatistics.since('', DEVICE_DAYS_MAX + 1, 0).map(({ day }) => day);
    deviceStatistics.add(dayOf('00006400', { deviceId: 'd' }));
    expect(days()).toHaveLength(DEVICE_DAYS_MAX);
    expect(days().at(-1)).toBe('00000001');
    deviceStatistics.add(dayOf('2026-11-21'));
    expect(days()).toHaveLength(DEVICE_DAYS_MAX);
    expect(days().at(-1)).toBe('00000002');
    expect(days()).toContain('2026-11-21');
  });
});

describe('both', () => {
  test('come over into an adopted snapshot', () => {
    const till = openTestStore();
    till.store.deviceBindings.put(BINDING);
    till.store.deviceStatistics.add(dayOf('2026-11-21'));
    const key = till.keyStore.key ?? new Uint8Array();
    const source = testSnapshot(20);
    const { dataDir } = till;
    const building = openSnapshotBuild(
      { dataDir, key, nowMs: 1_000, storeId: 'store-1', fileId: randomBytes(8).toString('hex') },
      startOf(source),
    );
    feedBuild(building, source, 50);
    expect(building.finish().ok).toBe(true);
    building.close();
    till.store.close();
    expect(adoptSnapshot({ dataDir, key, nowMs: 2_000 })).toEqual({ ok: true });
    const { deviceBindings, deviceStatistics } = till.reopen();
    expect(deviceBindings.list()).toEqual([BINDING]);
    expect(deviceStatistics.since('', 10, 0)).toEqual([dayOf('2026-11-21')]);
  });

  test('come out of a salvaged database', () => {
    const folder = makeSoldFolder({
      sales: 3,
      prepare(store) {
        store.deviceBindings.put(BINDING);
        store.deviceStatistics.add(dayOf('2026-11-21'));
      },
    });
    const [page = 0] = treesOf(folder).get('members') ?? [];
    const copy = damagedCopy(folder, (path) => ruinPage(path, page));
    onTestFinished(() => {
      folder.remove();
      copy.remove();
    });
    const till = must(openLikeTill(copy.dataDir, folder.key));
    expect(till.store.deviceBindings.list()).toEqual([BINDING]);
    expect(till.store.deviceStatistics.since('', 10, 0)).toEqual([dayOf('2026-11-21')]);
    closeTill(till);
  });
});
