import { accessSync, constants, existsSync } from 'node:fs';
import { lockKeyOf } from '../../../drivers/contract/device-lock.ts';
import { discoverDevices } from '../../../drivers/discover.ts';
import { createSystemEnv } from '../../../drivers/system-env.ts';
import type { DeviceLook } from './device-checks.ts';

/** Who asks for a claim, as another agent that asks at the same moment is told. */
const ASKER = 'till-doctor';

/** Looks at what is plugged into this computer; claims are asked for and given back at once. */
export async function lookAtDevices(): Promise<DeviceLook> {
  const env = createSystemEnv(() => undefined);
  return {
    found: await discoverDevices(env),
    exists: existsSync,
    mayOpen(path) {
      // Port names of Windows are no files, and their rights are asked at the opening.
      if (process.platform === 'win32') return true;
      try {
        accessSync(path, constants.R_OK | constants.W_OK);
        return true;
      } catch {
        // Gone or forbidden: what is gone was not found before.
        return false;
      }
    },
    async holderOf(identity) {
      const key = lockKeyOf(identity);
      if (key === undefined) return null;
      const taken = await env.locks.take(key, ASKER);
      if (!taken.ok) return taken.error.detail;
      await taken.value.release();
      return null;
    },
  };
}
