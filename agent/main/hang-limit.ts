/** Restarts of the driver process for one device that hangs, within this time; after them it is left as it is. */
export const HANG_RESTARTS_MAX = 3;
export const HANG_RESTARTS_WITHIN_MS = 10 * 60_000;

/** Says whether the driver process may be ended once more for a device that hangs. */
export interface HangLimit {
  /** Counts a restart where one is allowed. */
  mayRestart(deviceId: string): boolean;
}

/**
 * A restart frees a device that hung by chance. One that hangs at every start would take all others down with it again and
 * again, so each device has so many. As many devices are remembered as a till ever named.
 */
export function createHangLimit(monoMs: () => number): HangLimit {
  const restarts = new Map<string, readonly number[]>();
  return {
    mayRestart(deviceId) {
      const nowMs = monoMs();
      const recent = (restarts.get(deviceId) ?? []).filter(
        (atMs) => nowMs - atMs < HANG_RESTARTS_WITHIN_MS,
      );
      const may = recent.length < HANG_RESTARTS_MAX;
      restarts.set(deviceId, may ? [...recent, nowMs] : recent);
      return may;
    },
  };
}
