import process from 'node:process';
import type { DeviceLocks } from '../../drivers/contract/device-lock.ts';
import { err, ok } from '../../drivers/contract/result.ts';

/** Device claims within one process, for drivers on simulated lines and a manual clock. */
export const createSimLocks = (): DeviceLocks & { readonly held: () => number } => {
  const holders = new Map<string, string>();
  return {
    held: () => holders.size,
    take(key, deviceId) {
      const holder = holders.get(key);
      if (holder !== undefined) {
        return Promise.resolve(
          err({
            code: 'busy',
            detail: `claimed as ${holder}`,
            holder: { pid: process.pid, deviceId: holder },
          }),
        );
      }
      holders.set(key, deviceId);
      let isHeld = true;
      return Promise.resolve(
        ok({
          release() {
            if (isHeld) holders.delete(key);
            isHeld = false;
            return Promise.resolve();
          },
        }),
      );
    },
  };
};
