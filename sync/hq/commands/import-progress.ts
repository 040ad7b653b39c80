import type { ImportProgress } from '../import/progress.ts';

const BAR_CELLS = 24;
/** Where nobody watches, a line is enough so often, in milliseconds. */
const LINE_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

/** Shows how far an import is: a bar that rewrites itself on a terminal, lines elsewhere. */
export function createProgressLine(
  out: NodeJS.WriteStream,
  nowMs: () => number,
): { show(progress: ImportProgress): void; end(): void } {
  let shownMs = nowMs();
  let hasBar = false;
  return {
    show(progress) {
      const last = progress.bytesRead >= progress.sizeBytes;
      const everyMs = out.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS;
      if (nowMs() - shownMs < everyMs && !(last && hasBar)) return;
      shownMs = nowMs();
      hasBar = out.isTTY;
      out.write(out.isTTY ? `\r${progressText(progress)}\u001b[K` : `${progressText(progress)}\n`);
    },
    end() {
      if (hasBar) out.write('\n');
    },
  };
}

/** One line: bar, share, rows, rate and the time that is left. */
export function progressText(progress: ImportProgress): string {
  const { rowsRead, bytesRead, sizeBytes, rowsPerSecond, secondsLeft } = progress;
  const share = sizeBytes === 0 ? 1 : Math.min(1, bytesRead / sizeBytes);
  const full = Math.round(share * BAR_CELLS);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}]`;
  const left = secondsLeft === null ? '' : `  ${secondsLeft} s`;
  return `${bar} ${Math.floor(share * 100)} %  ${rowsRead} rows  ${rowsPerSecond} rows/s${left}`;
}
