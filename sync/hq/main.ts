import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createHqProgram } from './cli.ts';
import { systemTimers } from './system-timers.ts';

/** Headquarters as a program of its own: `node sync/hq/main.ts run`. */
const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

await createHqProgram({
  nowMs: () => Date.now(),
  random: (bytes) => randomBytes(bytes),
  timers: systemTimers,
  version: manifest.version,
}).parseAsync();
