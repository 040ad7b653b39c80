import {
  DEVICE_DAYS_KEPT,
  type DeviceDay,
  type DeviceStatisticsFile,
} from '../../../agent/contract/index.ts';
import type { TillClient } from '../link.ts';

/** Reads every page of the statistics of the last `days` business days. */
export async function readDeviceDays(client: TillClient, days: number): Promise<DeviceDay[]> {
  const all: DeviceDay[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const page: { rows: DeviceDay[]; next: number | null } = await client.screen.devices.statistics(
      { days, offset },
    );
    all.push(...page.rows);
    offset = page.next;
  }
  return all;
}

/** Hands everything that is kept to the browser as a file and answers how many rows it has. */
export async function exportStatistics(
  client: TillClient,
  tillId: string,
  nowMs: number,
): Promise<number> {
  const days = await readDeviceDays(client, DEVICE_DAYS_KEPT);
  const at = new Date(nowMs).toISOString();
  const file: DeviceStatisticsFile = { format: 'tillside-device-statistics/1', tillId, at, days };
  const address = URL.createObjectURL(
    new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = `device-statistics-${tillId}-${at.slice(0, 10)}.json`;
  link.click();
  // The browser has begun to read it by the time that it is given back.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return days.length;
}
