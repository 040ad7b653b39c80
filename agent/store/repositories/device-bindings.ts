import { type DeviceBinding, deviceBindingSchema, toInstant } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { DeviceBindingsRepository } from '../store.ts';

interface Row {
  readonly role: string;
  readonly driver: string;
  readonly vid: string;
  readonly pid: string | null;
  readonly serial: string | null;
  readonly port_path: string | null;
  readonly name: string | null;
  readonly bound_ms: number;
  readonly bound_by: string | null;
}

/** Which device has which role. A row that this version cannot read counts as none: the role can be bound again. */
export function createDeviceBindings(connection: Connection): DeviceBindingsRepository {
  const list = connection.statement<Row>('SELECT * FROM device_bindings ORDER BY role');
  const put = connection.statement(
    'INSERT OR REPLACE INTO device_bindings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const remove = connection.statement('DELETE FROM device_bindings WHERE role = ?');

  return {
    list: () =>
      list.all().flatMap((row) => {
        const binding = deviceBindingSchema.safeParse(toBinding(row));
        return binding.success ? [binding.data] : [];
      }),
    put: ({ role, driver, vid, pid, serial, portPath, name, boundAt, boundBy }) =>
      void put.run(
        role,
        driver,
        vid,
        pid ?? null,
        serial ?? null,
        portPath ?? null,
        name ?? null,
        Date.parse(boundAt),
        boundBy ?? null,
      ),
    remove: (role) => remove.run(role) > 0,
  };
}

function toBinding(row: Row): Record<keyof DeviceBinding, unknown> {
  return {
    role: row.role,
    driver: row.driver,
    vid: row.vid,
    pid: row.pid ?? undefined,
    serial: row.serial ?? undefined,
    portPath: row.port_path ?? undefined,
    name: row.name ?? undefined,
    boundAt: toInstant(row.bound_ms),
    boundBy: row.bound_by ?? undefined,
  };
}
