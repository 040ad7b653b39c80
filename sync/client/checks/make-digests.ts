import type { ChecksStore } from '../check-ports.ts';
import type { SyncClock, SyncLog } from '../deps.ts';
import { tryStorage } from '../storage-failure.ts';
import { createSliceSize } from './slice-size.ts';
import type { StorageTrouble } from './storage-trouble.ts';

/** Making digests holds the till's thread for about so long at a time, in milliseconds. */
export const MAKE_SLICE_MS = 6;
/** Rows whose digests are made in one transaction. */
export const MAKE_SLICE = { first: 64, least: 16, most: 4_096 } as const;

export interface MakeDigestsParts {
  readonly checks: Pick<ChecksStore, 'ready' | 'make'>;
  readonly clock: SyncClock;
  readonly log: SyncLog;
  readonly storage: StorageTrouble;
  /** Lets waiting input, sales and what the database has to do run first. */
  readonly makeRoom: (signal: AbortSignal) => Promise<void>;
  /** A slice was made and others follow. */
  readonly onSlice: () => void;
  /** Digests were missing, and are all there. */
  readonly onMade: () => void;
}

/** Makes the digests that are missing, in slices. @returns whether all are there; otherwise the disk failed or it was cancelled */
export function createMakeDigests(parts: MakeDigestsParts) {
  const { checks, clock, log, storage, makeRoom, onSlice, onMade } = parts;
  const size = createSliceSize(clock, MAKE_SLICE_MS, MAKE_SLICE);

  /** @returns `null` where none was missing */
  const makeSlice = () =>
    checks.ready()
      ? null
      : size.timed(
          (limit) => checks.make(limit),
          ({ rows }) => rows,
        );

  return async (signal: AbortSignal): Promise<boolean> => {
    let made = 0;
    for (;;) {
      const step = tryStorage(makeSlice);
      if (!step.ok) {
        storage.raise(step.error);
        return false;
      }
      if (step.value !== null) made += step.value.rows;
      if (step.value === null || step.value.done) {
        if (made > 0) log('info', 'digests of all rows were made', { rows: made });
        if (step.value !== null) onMade();
        if (made > 0) storage.clear();
        return true;
      }
      onSlice();
      await makeRoom(signal);
      if (signal.aborted) return false;
    }
  };
}
