import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** Writes a report beside its place and moves it there. @returns why it could not be written */
export async function writeReport(
  path: string,
  fill: (write: (text: string) => void) => Promise<void>,
): Promise<string | undefined> {
  const report = openReport(path);
  if (typeof report === 'string') return report;
  try {
    await fill(report.write);
    report.keep();
    return undefined;
  } catch (cause) {
    report.drop();
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** A report that grows while something runs. */
export interface OpenReport {
  write(text: string): void;
  /** Moves it to its place. */
  keep(): void;
  drop(): void;
}

/** Opens a report beside its place. @returns why it could not be opened */
export function openReport(path: string): OpenReport | string {
  const beside = `${path}.${process.pid}.tmp`;
  let file: number;
  try {
    // Only for the operator: values are masked, but rows name people.
    file = openSync(beside, 'w', 0o600);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  return {
    write(text) {
      if (text !== '') writeSync(file, text);
    },
    keep() {
      closeSync(file);
      renameSync(beside, path);
    },
    drop() {
      closeSync(file);
      rmSync(beside, { force: true });
    },
  };
}
