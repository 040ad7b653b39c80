/** Before the first scan counts, the line must have been silent this long: what waited in the system is old. */
export const DRAIN_SILENCE_MS = 50;
/** A device that never falls silent is claimed anyway after this time. */
export const DRAIN_LIMIT_MS = 1_000;

/** The silence that is waited for after an opening. */
export type Drain = {
  /** The device is open: from here on the silence and the limit count, however long opening took. */
  opened(atMs: number): void;
  /** Something came, and so was old. */
  heard(atMs: number): void;
  /** How long to wait before the next look; 0 when the line counts as drained. */
  waitMs(atMs: number): number;
};

/** A drain of a device that is being opened since `startMs`, on any clock that does not go back. */
export const createDrain = (startMs: number): Drain => {
  let openedAtMs = startMs;
  let lastByteAtMs = startMs;
  return {
    opened(atMs) {
      openedAtMs = atMs;
      lastByteAtMs = atMs;
    },
    heard(atMs) {
      lastByteAtMs = atMs;
    },
    waitMs(atMs) {
      const silentMs = atMs - lastByteAtMs;
      if (silentMs >= DRAIN_SILENCE_MS || atMs - openedAtMs >= DRAIN_LIMIT_MS) return 0;
      return Math.max(1, Math.ceil(DRAIN_SILENCE_MS - silentMs));
    },
  };
};
