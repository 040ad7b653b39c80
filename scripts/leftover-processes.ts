import { readdirSync, readFileSync } from 'node:fs';

/** Environment variable that every process of one test run inherits. */
export const RUN_MARK = 'TILLSIDE_TEST_RUN';

export interface LeftoverProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * The living processes, this one excepted, whose environment carries `RUN_MARK=mark`.
 * Read from /proc; on systems without it the list is empty, because nothing can be known.
 */
export function findLeftovers(mark: string): LeftoverProcess[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${RUN_MARK}=${mark}`;
  const found: LeftoverProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (!environment.includes(wanted)) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // A zombie has ended and only waits for its parent to read the exit code.
      if (command !== '') found.push({ pid, command });
    } catch {
      // The process ended while we looked, or belongs to another user: not one of ours.
    }
  }
  return found;
}
