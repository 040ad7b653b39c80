import type { Driver } from '../../contract/device.ts';
import type { DriverEnv } from '../../contract/env.ts';
import type { DriverSink } from '../../contract/event.ts';
import { ok } from '../../contract/result.ts';
import { createFingerDriver, type FingerDefinition } from '../../finger/finger-driver.ts';
import { createFingerTransport, type FingerSettings } from '../../finger/finger-transport.ts';
import { createSimTransport } from '../sim-transport.ts';
import { createModuleEmulator, type ModuleEmulator } from './emulator.ts';
import { emptyMemory, type ModuleMemory } from './memory.ts';
import { type ModuleProfileName, moduleProfiles } from './profile.ts';

export type SimFingerDefinition = FingerDefinition & {
  readonly profile: ModuleProfileName;
  readonly settings?: FingerSettings;
};

/** A driver on an emulated module, and the levers of that module. */
export type SimFinger = { readonly driver: Driver; readonly module: ModuleEmulator };

/**
 * A fingerprint module that is not there: the real driver, parser included, on a simulated line with the emulator at its
 * other end. At another speed than its own the module hears only noise, as over a wire.
 */
export const createSimFinger = (
  { profile: name, settings = {}, ...definition }: SimFingerDefinition,
  env: DriverEnv,
  sink: DriverSink,
  memory: ModuleMemory = emptyMemory(),
  onFlash?: () => void,
): SimFinger => {
  const profile = moduleProfiles[name];
  const line = createSimTransport(env, definition.id);
  const module = createModuleEmulator({
    profile,
    memory,
    env,
    send: (bytes) => line.send(bytes),
    unplug: () => line.unplug(),
    ...(onFlash === undefined ? {} : { onFlash }),
  });
  const transport = createFingerTransport(
    (baudRate) => ({
      ...line,
      async open(handlers) {
        const opened = await line.open(handlers);
        if (!opened.ok) return opened;
        return ok({
          ...opened.value,
          async write(bytes) {
            const written = await opened.value.write(bytes);
            if (written.ok && baudRate === profile.baudRate) module.receive(bytes);
            return written;
          },
        });
      },
    }),
    settings,
    env,
  );
  const driver = createFingerDriver(definition, { ...transport, source: 'simulated' }, env, sink, {
    place: module.place,
    lift: module.lift,
    unplug() {
      line.unplug();
      module.restart();
    },
    plug: () => line.plug(),
  });
  return { driver, module };
};
