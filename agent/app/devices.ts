import type { FoundDevice, Looked, Unlisted } from '../../drivers/contract/found-device.ts';
import {
  type DeviceBinding,
  type DeviceCheck,
  type DeviceCheckLevel,
  type DeviceId,
  type DeviceRole,
  type DeviceView,
  type Discovered,
  err,
  type Failure,
  FOUND_DEVICES_MAX,
  type FoundDeviceView,
  failure,
  ok,
  type Result,
  type StaffId,
  toInstant,
  type UnlistedDevices,
} from '../contract/index.ts';
import type { TillContext } from './context.ts';
import { createInTurn } from './in-turn.ts';

/** What a role was bound to before its last change; `null` = nothing. */
type Before = DeviceBinding | null;

export interface Devices {
  list(): readonly DeviceView[];
  /** What is plugged in and may be a scanner, and what could not be looked at. Fails with `devices-unreachable`. */
  discover(): Promise<Result<Discovered, Failure>>;
  /**
   * Gives a found device a role, in the place of the one that had it. Fails with `device-gone`, `device-not-bindable`,
   * `device-in-use`, `devices-unreachable` or a storage failure.
   */
  bind(role: DeviceRole, foundId: string): Promise<Result<DeviceBinding, Failure>>;
  /** Fails with `binding-unknown` or a storage failure. */
  unbind(role: DeviceRole): Promise<Result<null, Failure>>;
  /**
   * Gives a role what it had before its last change since the till started. Fails with `binding-unknown`, with
   * `device-in-use` where that has another role by now, or as `bind` does.
   * @param seen since when it is bound as whoever asks saw it, null = not at all; where that is so no more, another screen
   * changed it, and it is `binding-unknown`
   */
  undo(role: DeviceRole, seen?: string | null): Promise<Result<Before, Failure>>;
  /** Fails with `device-unknown` or `devices-unreachable`. */
  check(deviceId: string, level: DeviceCheckLevel): Promise<Result<DeviceCheck, Failure>>;
  plug(deviceId: string, plugged: boolean): Promise<Result<null, Failure>>;
}

/**
 * The devices of this till and their roles. A role belongs to whoever keeps the till, so it is chosen at the screen, kept
 * in the till's database and found again by what the device is and not by the node it has today.
 * @param signedIn who stands at the screen; null = nobody, at a till without staff
 */
export function createDevices(context: TillContext, signedIn: () => StaffId | null): Devices {
  const { store } = context;
  const port = context.deps.devices;
  const changed = new Map<DeviceRole, Before>();
  /** Roles change one at a time: what is taken back is what stood there, and no device gets two roles. */
  const inTurn = createInTurn();

  const bindingOf = (id: string): DeviceBinding | undefined =>
    store.deviceBindings.list().find(({ role }) => role === id);

  /**
   * Another role that is bound to the very same device. The drivers may not have found it again yet, and then nothing else
   * would keep it from having two.
   */
  const ownerOf = (role: DeviceRole, wanted: DeviceBinding): DeviceRole | undefined =>
    store.deviceBindings.list().find((other) => other.role !== role && isSame(other, wanted))?.role;

  async function look(): Promise<Result<Looked, Failure>> {
    const looked = await port.discover();
    if (!looked.ok) return err(failure(looked.error));
    const { found, unlisted } = looked.value;
    return ok({ found: found.slice(0, FOUND_DEVICES_MAX), unlisted });
  }

  /** Writes a role down and has the drivers take it up; what they refuse is taken back. */
  async function change(
    role: DeviceRole,
    to: Before,
    action: 'device-bound' | 'device-unbound',
  ): Promise<Result<Before, Failure>> {
    const other = to === null ? undefined : ownerOf(role, to);
    if (other !== undefined) return err(failure('device-in-use', 'role', { deviceId: other }));
    const before = bindingOf(role) ?? null;
    const write = (binding: Before): void => {
      if (binding === null) store.deviceBindings.remove(role);
      else store.deviceBindings.put(binding);
    };
    const { vid, pid, serial, portPath, name } = to ?? before ?? {};
    const done = context.work(() => {
      write(to);
      store.audit.append({
        atMs: context.nowMs(),
        staffId: signedIn(),
        action,
        detail: { role, vid, pid, serial, portPath, name },
      });
    });
    if (!done.ok) return done;
    const taken = await port.bind(store.deviceBindings.list());
    if (!taken.ok) {
      const undone = context.work(() => write(before));
      return undone.ok ? err(failure(taken.error)) : undone;
    }
    changed.set(role, before);
    return ok(to);
  }

  async function bind(role: DeviceRole, foundId: string): Promise<Result<DeviceBinding, Failure>> {
    const looked = await look();
    if (!looked.ok) return looked;
    const device = looked.value.found.find((one) => foundIdOf(one) === foundId);
    if (device === undefined) return err(failure('device-gone', 'foundId'));
    const { definition } = device;
    if (definition === undefined || !speaks(device))
      return err(failure('device-not-bindable', 'foundId'));
    const user = userOf(device, port.list());
    if (user !== undefined && user !== role)
      return err(failure('device-in-use', 'foundId', { deviceId: user }));
    const staffId = signedIn();
    const name = nameOf(device);
    const binding: DeviceBinding = {
      role,
      driver: definition.driver,
      ...definition.usb,
      ...(name === '' ? {} : { name }),
      boundAt: toInstant(context.nowMs()),
      ...(staffId === null ? {} : { boundBy: staffId }),
    };
    const done = await change(role, binding, 'device-bound');
    return done.ok ? ok(binding) : done;
  }

  async function unbind(role: DeviceRole): Promise<Result<null, Failure>> {
    if (bindingOf(role) === undefined) return err(failure('binding-unknown', 'role'));
    const done = await change(role, null, 'device-unbound');
    return done.ok ? ok(null) : done;
  }

  async function undo(role: DeviceRole, seen?: string | null): Promise<Result<Before, Failure>> {
    const before = changed.get(role);
    const isSeen = seen === undefined || seen === (bindingOf(role)?.boundAt ?? null);
    if (before === undefined || !isSeen) return err(failure('binding-unknown', 'role'));
    const done = await change(role, before, before === null ? 'device-unbound' : 'device-bound');
    if (done.ok) changed.delete(role);
    return done;
  }

  return {
    list: () =>
      port.list().map((device) => {
        const binding = bindingOf(device.deviceId);
        return binding === undefined ? device : { ...device, binding };
      }),
    async discover() {
      const looked = await look();
      if (!looked.ok) return looked;
      const { found, unlisted } = looked.value;
      const known = port.list();
      return ok({
        found: found.map((device) => toFoundView(device, known)),
        unlisted: unlisted.map(toUnlistedView),
      });
    },
    bind: (role, foundId) => inTurn(() => bind(role, foundId)),
    unbind: (role) => inTurn(() => unbind(role)),
    undo: (role, seen) => inTurn(() => undo(role, seen)),
    async check(deviceId, level) {
      const checked = await port.check(deviceId, level);
      return checked.ok ? checked : err(failure(checked.error, 'deviceId'));
    },
    async plug(deviceId, plugged) {
      const done = await port.plug(deviceId, plugged);
      return done.ok ? ok(null) : err(failure(done.error, 'deviceId'));
    },
  };
}

/** Whether two bindings find the same device, whatever else fits one of them. */
function isSame(one: DeviceBinding, other: DeviceBinding): boolean {
  return (['driver', 'vid', 'pid', 'serial', 'portPath'] as const).every(
    (name) => one[name] === other[name],
  );
}

/** Names a found device while it stays where it is: its socket, else its node. */
export function foundIdOf({ identity }: Pick<FoundDevice, 'identity'>): string {
  const { transport, portPath, path, vid, pid, serial } = identity;
  return `${transport}|${portPath ?? path ?? [vid, pid, serial].join(':')}`;
}

/** Whether a driver can talk to it as it is. */
function speaks({ mode }: FoundDevice): boolean {
  return mode === 'serial' || mode === 'hid-pos';
}

function nameOf({ maker, name }: FoundDevice): string {
  return [maker, name]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .slice(0, 200);
}

/**
 * States in which a device holds nothing: one that is not there, whose node another may have by now, and one that several
 * fit, of which somebody is to choose.
 */
const FREE_STATES: readonly string[] = ['absent', 'ambiguous'];

/** The device of this till that a found one is already, by where it is plugged in. */
function userOf({ identity }: FoundDevice, known: readonly DeviceView[]): DeviceId | undefined {
  const { transport, portPath, path } = identity;
  return known.find(({ identity: other, state }) => {
    if (other === undefined || other.transport !== transport || FREE_STATES.includes(state))
      return false;
    if (other.path !== undefined && other.path === path) return true;
    return other.path === undefined && other.portPath !== undefined && other.portPath === portPath;
  })?.deviceId;
}

/** A found device for screens and `doctor`; `known` = the devices that this till has. */
export function toFoundView(device: FoundDevice, known: readonly DeviceView[]): FoundDeviceView {
  const { mode, maker, name, twin, hint, definition } = device;
  const { transport, vid, pid, serial, portPath, path } = device.identity;
  const usedBy = userOf(device, known);
  return {
    foundId: foundIdOf(device),
    mode,
    identity: {
      transport,
      ...(vid === undefined ? {} : { vid }),
      ...(pid === undefined ? {} : { pid }),
      ...(serial === undefined ? {} : { serial }),
      ...(portPath === undefined ? {} : { portPath }),
      ...(path === undefined ? {} : { path }),
    },
    ...(maker === undefined ? {} : { maker }),
    ...(name === undefined ? {} : { name }),
    twin,
    bindable: definition !== undefined && speaks(device),
    ...(usedBy === undefined ? {} : { usedBy }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What could not be listed, for screens and `doctor`. */
export function toUnlistedView({ way, hint, remedy, detail }: Unlisted): UnlistedDevices {
  const { text, command } = remedy;
  return { way, hint, remedy: text, ...(command === undefined ? {} : { command }), detail };
}
