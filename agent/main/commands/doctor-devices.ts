import { toFoundView, toUnlistedView } from '../../app/devices.ts';
import {
  type DeviceDay,
  type DeviceStatisticsFile,
  type DeviceView,
  type Discovered,
  type Status,
  text,
  toInstant,
} from '../../contract/index.ts';
import { DEVICE_DAYS_MAX } from '../../store/repositories/device-statistics.ts';
import type { Store } from '../../store/store.ts';
import { askAgent } from '../admin-channel.ts';
import type { TillConfig } from '../config.ts';
import { definitionsOf } from '../device-definitions.ts';
import { systemClock } from '../system.ts';
import { type Check, finding } from './check.ts';
import {
  checksOfDefinitions,
  checksOfDevices,
  checksOfFound,
  checksOfUnlisted,
} from './device-checks.ts';
import { both } from './io.ts';
import { lookAtDevices } from './look-at-devices.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** The devices as the agent has them, and what else is plugged in. */
export async function checksOfAgentDevices(
  dataDir: string,
  status: Pick<Status, 'devices'>,
): Promise<Check[]> {
  const asked = await askAgent(dataDir, { command: 'devices' });
  if (!asked.ok)
    return status.devices.map(({ deviceId, state }) =>
      finding(
        `device ${deviceId}`,
        state === 'ready',
        state,
        text('查看收银台屏幕上的设备提示', "See the device's hint on the till's screen"),
      ),
    );
  // An agent that was started before an upgrade tells of none.
  const {
    devices,
    found,
    unlisted = [],
  } = asked.value as { devices: DeviceView[] } & Partial<Discovered> & Pick<Discovered, 'found'>;
  return [...checksOfDevices(devices), ...checksOfFound(found), ...checksOfUnlisted(unlisted)];
}

/** Every page of what the devices did, from the agent; the text says why there is none. */
export async function askDeviceDays(dataDir: string): Promise<DeviceDay[] | string> {
  const days: DeviceDay[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const asked = await askAgent(dataDir, { command: 'device-statistics', offset });
    if (!asked.ok) return asked.error.message;
    const page = asked.value as { rows: DeviceDay[]; next: number | null };
    days.push(...page.rows);
    offset = page.next;
  }
  return days;
}

export function writeDeviceDays(path: string, tillId: string, days: DeviceDay[] | string): Check {
  const remedy = text(
    '检查文件夹和剩余空间后再试',
    'Check the folder and the free space, then try again',
  );
  if (typeof days === 'string') return finding('statistics', false, days, remedy);
  const file: DeviceStatisticsFile = {
    format: 'tillside-device-statistics/1',
    tillId,
    at: toInstant(systemClock.now()),
    days,
  };
  const written = writeFileAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
  return written.ok
    ? finding(
        'statistics',
        true,
        `${both(text(`已写入 ${days.length} 行`, `${days.length} rows written`))} (${path})`,
        text('', ''),
      )
    : finding('statistics', false, written.error, remedy);
}

/** The devices of a till that does not run, and what else is plugged in. */
export async function checksOfIdleDevices(
  store: Store,
  config: Pick<TillConfig, 'devices'>,
): Promise<Check[]> {
  const look = await lookAtDevices();
  const definitions = definitionsOf(config.devices, store.deviceBindings.list());
  const { checks, used } = await checksOfDefinitions(definitions, look);
  const others = look.found.filter((device) => !used.includes(device));
  return [
    ...checks,
    ...checksOfFound(others.map((device) => toFoundView(device, []))),
    ...checksOfUnlisted(look.unlisted.map(toUnlistedView)),
  ];
}

/** Everything that a till that does not run has kept. */
export function keptDeviceDays(store: Store): DeviceDay[] {
  return store.deviceStatistics.since('', DEVICE_DAYS_MAX, 0);
}
