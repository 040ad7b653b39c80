import type { Staff, StaffId, StaffRole } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { StaffRepository } from '../store.ts';

interface Row {
  readonly staff_id: string;
  readonly name: string;
  readonly role: string;
  readonly active: number;
  readonly pin_hash: string;
  readonly wrong_pins: number;
  readonly locked_until_ms: number;
}

/** Staff and their PIN state. A changed PIN forgets the wrong tries at the former one. */
export function createStaff(connection: Connection): StaffRepository {
  const byId = connection.statement<Row>('SELECT * FROM staff WHERE staff_id = ?');
  const list = connection.statement<Row>('SELECT * FROM staff ORDER BY staff_id');
  const upsert = connection.statement(`
    INSERT INTO staff (staff_id, name, role, active, pin_hash) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (staff_id) DO UPDATE SET name = excluded.name, role = excluded.role, active = excluded.active,
      wrong_pins = iif(pin_hash = excluded.pin_hash, wrong_pins, 0),
      locked_until_ms = iif(pin_hash = excluded.pin_hash, locked_until_ms, 0),
      pin_hash = excluded.pin_hash
    WHERE ver = 0`);
  const setFailures = connection.statement(
    'UPDATE staff SET wrong_pins = ?, locked_until_ms = ? WHERE staff_id = ?',
  );

  return {
    byId(id) {
      const row = byId.get(id);
      if (row === undefined) return undefined;
      const { pin_hash: pinHash, wrong_pins: wrongPins, locked_until_ms: lockedUntilMs } = row;
      return { ...toStaff(row), pinHash, wrongPins, lockedUntilMs };
    },
    list: () => list.all().map(toStaff),
    upsert: (staff, pinHash) =>
      void upsert.run(staff.staffId, staff.name, staff.role, staff.active ? 1 : 0, pinHash),
    setPinFailures: (id, wrongPins, lockedUntilMs) =>
      void setFailures.run(wrongPins, lockedUntilMs, id),
  };
}

function toStaff(row: Row): Staff {
  return {
    staffId: row.staff_id as StaffId,
    name: row.name,
    role: row.role as StaffRole,
    active: row.active === 1,
  };
}
