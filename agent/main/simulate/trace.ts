import { createHash } from 'node:crypto';

/** Lines that are kept for the report of a violation. */
export const TRACE_KEPT = 200;

/** What happened, one line an event: time of the world, who, what. */
export interface Trace {
  note(actor: string, what: string): void;
  /** The last lines. */
  tail(): readonly string[];
  /** Over all lines: two runs of a seed have the same. */
  hash(): string;
  readonly lines: number;
}

/** @param write takes each line as it comes; absent = only the last are kept */
export function createTrace(nowMs: () => number, write?: (line: string) => void): Trace {
  const kept: string[] = [];
  const hash = createHash('sha256');
  let lines = 0;
  return {
    note(actor, what) {
      const line = `${timeOf(nowMs())} ${actor.padEnd(8)} ${what}`;
      lines += 1;
      hash.update(line);
      kept.push(line);
      if (kept.length > 2 * TRACE_KEPT) kept.splice(0, TRACE_KEPT);
      write?.(line);
    },
    tail: () => kept.slice(-TRACE_KEPT),
    hash: () => hash.copy().digest('hex'),
    get lines() {
      return lines;
    },
  };
}

/** Hours of the world's time, down to milliseconds. */
function timeOf(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = String(ms % 1_000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${rest}`;
}
