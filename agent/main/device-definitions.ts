import type { DeviceBinding } from '../contract/index.ts';

type Definition = Readonly<Record<string, unknown>>;

/**
 * The devices that the drivers get: those of the settings file, and before them one for each role that was bound at the
 * screen. A bound role takes the place of a settings entry of the same id; how its codes are read (baud rate, terminator,
 * encoding) goes over where the entry is for the same driver.
 */
export function definitionsOf(
  settings: readonly Definition[],
  bindings: readonly DeviceBinding[],
): readonly Definition[] {
  const bound = bindings.map((binding) => {
    const { role, driver } = binding;
    const entry = settings.find((device) => device['id'] === role && device['driver'] === driver);
    const { path: _path, ...reading } = entry ?? {};
    return { ...reading, id: role, driver, owner: 'agent', usb: usbOf(binding) };
  });
  const isBound = (id: unknown): boolean => bindings.some(({ role }) => role === id);
  return [...bound, ...settings.filter((device) => !isBound(device['id']))];
}

function usbOf({ vid, pid, serial, portPath }: DeviceBinding): Definition {
  return {
    vid,
    ...(pid === undefined ? {} : { pid }),
    ...(serial === undefined ? {} : { serial }),
    ...(portPath === undefined ? {} : { portPath }),
  };
}
