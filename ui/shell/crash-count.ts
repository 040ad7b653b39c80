/** Counts crashes that lie close together; what ran well for long is forgiven. */
export interface CrashCount {
  /** Notes a crash and answers how many there were within the window, this one included. */
  note(): number;
  forgive(): void;
}

/** @param monoMs a clock that only goes forward, in milliseconds */
export function createCrashCount(windowMs: number, monoMs: () => number): CrashCount {
  let crashes: number[] = [];
  return {
    note() {
      const nowMs = monoMs();
      crashes = [...crashes.filter((atMs) => nowMs - atMs < windowMs), nowMs];
      return crashes.length;
    },
    forgive() {
      crashes = [];
    },
  };
}
