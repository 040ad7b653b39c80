import type { DeviceDay } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { DeviceStatisticsRepository } from '../store.ts';

/** Days of all devices that are kept at most; the oldest give way. Sixteen devices make so many in 400 days. */
export const DEVICE_DAYS_MAX = 6_400;

/** The counts of a day, in the order of their columns. */
const COUNTS = [
  ['scans', 'scans'],
  ['partial', 'partial'],
  ['dropped', 'dropped'],
  ['duplicates', 'duplicates'],
  ['unknownSymbology', 'unknown_symbology'],
  ['commErrors', 'comm_errors'],
  ['unplugs', 'unplugs'],
  ['reopens', 'reopens'],
  ['claimFailures', 'claim_failures'],
  ['readyMs', 'ready_ms'],
  ['troubledMs', 'troubled_ms'],
] as const;

/** What devices did, by business day. */
export function createDeviceStatistics(connection: Connection): DeviceStatisticsRepository {
  const add = connection.statement(`
    INSERT INTO device_statistics VALUES (?, ?, ${COUNTS.map(() => '?').join(', ')})
    ON CONFLICT (day, device_id) DO UPDATE SET
      ${COUNTS.map(([, column]) => `${column} = ${column} + excluded.${column}`).join(', ')}`);
  const list = connection.statement<DeviceDay>(`
    SELECT day, device_id AS deviceId, ${COUNTS.map(([name, column]) => `${column} AS ${name}`).join(', ')}
    FROM device_statistics WHERE day >= ? ORDER BY day DESC, device_id LIMIT ? OFFSET ?`);
  const prune = connection.statement('DELETE FROM device_statistics WHERE day < ?');
  const crowd = connection.statement(`
    DELETE FROM device_statistics WHERE (day, device_id) IN (
      SELECT day, device_id FROM device_statistics ORDER BY day, device_id
      LIMIT max(0, (SELECT count(*) FROM device_statistics) - ?))`);

  return {
    add: (gain) =>
      connection.together(() => {
        add.run(gain.day, gain.deviceId, ...COUNTS.map(([name]) => gain[name]));
        crowd.run(DEVICE_DAYS_MAX);
      }),
    since: (day, limit, offset) => list.all(day, limit, offset),
    pruneBefore: (day) => prune.run(day),
  };
}
