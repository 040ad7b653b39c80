import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceDurably } from '../keys/durable-file.ts';

const schema = z.object({
  /** As tills find it. */
  url: z.string(),
  /** As programs on the same machine find it. */
  localUrl: z.string(),
  /** PEM of the authority; null for plain HTTP. */
  ca: z.string().nullable(),
  pid: z.number(),
});
export type RunningHqNote = z.infer<typeof schema>;

const FILE = 'running.json';

/** Writes down where the HQ of a data folder listens, for the operator's tool. @returns the file */
export function noteRunningHq(dataDir: string, note: RunningHqNote): string {
  const path = join(dataDir, FILE);
  const mark = String(note.pid);
  // In a container every life has the same process id, and one that was killed may have left its file.
  rmSync(`${path}.${mark}.part`, { force: true });
  replaceDurably(path, Buffer.from(JSON.stringify(note)), mark);
  return path;
}

/** Takes the note back when HQ stops. */
export function forgetRunningHq(path: string): void {
  rmSync(path, { force: true });
}

/** Where the HQ of a data folder was last told to listen; it may have been killed since. Unreadable counts as none. */
export function findRunningHq(dataDir: string): RunningHqNote | undefined {
  try {
    const note = schema.safeParse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
    return note.success ? note.data : undefined;
  } catch {
    // It only saves a question: the database's own lock says whether HQ runs.
    return undefined;
  }
}

/** The note of an HQ whose process is there; another program may have its process id by now. */
export function findLivingHq(dataDir: string): RunningHqNote | undefined {
  const note = findRunningHq(dataDir);
  return note !== undefined && isAlive(note.pid) ? note : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another account cannot be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
