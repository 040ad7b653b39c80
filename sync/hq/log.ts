import { pino } from 'pino';
import type { HqLog } from './deps.ts';

/** Structured log on standard error, one JSON object a line, so that `--json` output stays alone on standard output. */
export function createHqLog(level: 'error' | 'warn' | 'info' | 'debug'): HqLog {
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
  return (at, message, fields = {}) => log[at](fields, message);
}
