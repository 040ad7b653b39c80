export interface ImportProgress {
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly sizeBytes: number;
  readonly rowsPerSecond: number;
  /** Seconds until the end at this rate; `null` while nobody can tell. */
  readonly secondsLeft: number | null;
}

/** How far a run is; where its work is not measured in bytes, `bytesRead` of `sizeBytes` are done all the same. */
export interface Done {
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly sizeBytes: number;
  /** Rows that an earlier run had done: they tell nothing of this one's pace. */
  readonly resumedAfterRows?: number;
}

/** Tells how far a run is and how long it will still take; its time counts from this call. */
export function createProgress(
  nowMs: () => number,
  onProgress: ((progress: ImportProgress) => void) | undefined,
): (done: Done) => void {
  const beganMs = nowMs();
  let firstBytes: number | null = null;
  return ({ rowsRead, bytesRead, sizeBytes, resumedAfterRows = 0 }) => {
    if (onProgress === undefined) return;
    firstBytes ??= resumedAfterRows > 0 ? bytesRead : 0;
    const seconds = Math.max(0.001, (nowMs() - beganMs) / 1_000);
    const perSecond = (bytesRead - firstBytes) / seconds;
    onProgress({
      rowsRead,
      bytesRead,
      sizeBytes,
      rowsPerSecond: Math.round((rowsRead - resumedAfterRows) / seconds),
      secondsLeft: perSecond > 0 ? Math.ceil((sizeBytes - bytesRead) / perSecond) : null,
    });
  };
}
