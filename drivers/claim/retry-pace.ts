/** How often to look for a device that is not there. */
export const ABSENT_POLL_MS = 1_000;
/** How often just after it was lost: most are back within seconds. */
export const LOST_POLL_MS = 250;
export const LOST_POLL_FOR_MS = 10_000;
/** First wait after a failure; doubled up to the maximum. */
export const RETRY_MIN_MS = 250;
export const RETRY_MAX_MS = 5_000;

/** How long to wait before the next attempt at one device. */
export type RetryPace = {
  /** Waits afresh from the shortest: somebody asked for the device. */
  restart(): void;
  /** The device is `ready`. */
  succeeded(atMs: number): void;
  /** The device was lost after it had been `ready`. */
  lost(atMs: number, unplugged: boolean): void;
  /** The wait after a failure; each is twice the one before. */
  failureMs(): number;
  /** The wait after a look that found nothing. */
  absentMs(atMs: number): number;
};

/** The waits of one device, on any clock that does not go back. */
export const createRetryPace = (): RetryPace => {
  let nextMs = RETRY_MIN_MS;
  let readyAtMs = Number.NEGATIVE_INFINITY;
  let lostAtMs = Number.NEGATIVE_INFINITY;
  return {
    restart() {
      nextMs = RETRY_MIN_MS;
    },
    succeeded(atMs) {
      readyAtMs = atMs;
    },
    lost(atMs, unplugged) {
      lostAtMs = atMs;
      // A device that fails right after each claim must not be claimed four times a second.
      if (unplugged || atMs - readyAtMs >= RETRY_MAX_MS) nextMs = RETRY_MIN_MS;
    },
    failureMs() {
      const waitMs = nextMs;
      nextMs = Math.min(nextMs * 2, RETRY_MAX_MS);
      return waitMs;
    },
    absentMs: (atMs) => (atMs - lostAtMs < LOST_POLL_FOR_MS ? LOST_POLL_MS : ABSENT_POLL_MS),
  };
};
