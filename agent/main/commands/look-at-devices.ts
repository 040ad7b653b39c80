import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { lockKeyOf } from '../../../drivers/contract/device-lock.ts';
import { discoverDevices } from '../../../drivers/discover.ts';
import { createSystemEnv } from '../../../drivers/system-env.ts';
import { text } from '../../contract/index.ts';
import type { DeviceLook } from './device-checks.ts';

/** Who asks for a claim, as another agent that asks at the same moment is told. */
const ASKER = 'till-doctor';

/** Looks at what is plugged into this computer; claims are asked for and given back at once. */
export async function lookAtDevices(): Promise<DeviceLook> {
  const env = createSystemEnv(() => undefined);
  const { found, unlisted } = await discoverDevices(env);
  return {
    found,
    unlisted,
    exists: existsSync,
    nodeOf: (path) => (existsSync(path) ? realpathSync(path) : path),
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
      if (taken.ok) {
        await taken.value.release();
        return null;
      }
      const { holder, detail } = taken.error;
      return holder === undefined
        ? text('已被占用，或无法查明', detail)
        : text(`被进程 ${holder.pid} 占用（${holder.deviceId}）`, detail);
    },
  };
}
