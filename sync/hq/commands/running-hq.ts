import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

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
  const beside = `${path}.${note.pid}.part`;
  writeFileSync(beside, JSON.stringify(note), { mode: 0o600 });
  renameSync(beside, path);
  return path;
}

/** Takes the note back when HQ stops. */
export function forgetRunningHq(path: string): void {
  rmSync(path, { force: true });
}

/** Where the HQ of a data folder was last told to listen; it may have been killed since. */
export function findRunningHq(dataDir: string): RunningHqNote | undefined {
  const path = join(dataDir, FILE);
  if (!existsSync(path)) return undefined;
  const note = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return note.success ? note.data : undefined;
}
