import { staffRowSchema } from '../../../sync/protocol/feed.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';
import { rangeOf } from './range-of.ts';
import { readBody } from './read-body.ts';

/** Staff of the feed. Wrong tries at a PIN stay counted until the PIN itself changes. */
export function createFedStaff(connection: Connection): FedTable {
  const find = connection.statement<{ ver: number }>('SELECT ver FROM staff WHERE staff_id = ?');
  const upsert = connection.statement(`
    INSERT INTO staff (staff_id, name, role, active, pin_hash, ver, body) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (staff_id) DO UPDATE SET name = excluded.name, role = excluded.role, active = excluded.active,
      wrong_pins = iif(pin_hash = excluded.pin_hash, wrong_pins, 0),
      locked_until_ms = iif(pin_hash = excluded.pin_hash, locked_until_ms, 0),
      pin_hash = excluded.pin_hash, ver = excluded.ver, body = excluded.body`);
  const remove = connection.statement('DELETE FROM staff WHERE staff_id = ?');
  return {
    find: (key) => find.get(key),
    put(key, ver, body) {
      const row = readBody(body, staffRowSchema);
      if (!row.ok) return row.error;
      const { staffId, name, role, active, pinHash } = row.value;
      if (staffId !== key) return 'staffId: is not the key';
      upsert.run(staffId, name, role, active ? 1 : 0, pinHash, ver, body);
      return undefined;
    },
    remove: (key) => void remove.run(key),
    range: rangeOf(connection, 'staff', 'staff_id'),
  };
}
