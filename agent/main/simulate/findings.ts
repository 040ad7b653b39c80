import { ProcessEnded } from './disk.ts';
import type { Violation } from './invariants.ts';
import type { Trace } from './trace.ts';
import { NoRest } from './virtual-time.ts';

/** Violations that one seed reports. */
const VIOLATIONS_MAX = 5;

/** What a seed has violated. */
export interface Findings {
  readonly violations: readonly Violation[];
  /** So many were found that no more is looked for. */
  readonly isFull: boolean;
  violate(found: readonly Violation[]): void;
  /** Something threw where nothing may. */
  onThrown(error: unknown): void;
  /** The simulation cannot go on. */
  fail(error: unknown): void;
  /** Hears of what throws in this process with nobody to catch it. @returns hears no more */
  listen(): () => void;
}

export function createFindings(trace: () => Trace): Findings {
  const violations: Violation[] = [];

  const made: Findings = {
    violations,
    get isFull() {
      return violations.length >= VIOLATIONS_MAX;
    },
    violate(found) {
      for (const one of found) {
        if (made.isFull) return;
        if (violations.some(({ detail }) => detail === one.detail)) continue;
        violations.push(one);
        trace().note('CHECK', `${one.invariant} violated: ${one.detail}`);
      }
    },
    onThrown(error) {
      if (error instanceof ProcessEnded) return;
      made.violate([{ invariant: 'broken', detail: stackOf(error) }]);
    },
    fail(error) {
      const invariant = error instanceof NoRest ? 'simulator' : 'broken';
      made.violate([{ invariant, detail: stackOf(error) }]);
    },
    listen() {
      const onRejected = (error: unknown): void => {
        // What a process that has ended still holds in its hands fails on its closed files.
        if (error instanceof ProcessEnded || String(error).includes('not open')) return;
        made.onThrown(error);
      };
      process.on('unhandledRejection', onRejected);
      process.on('uncaughtException', onRejected);
      return () => {
        process.off('unhandledRejection', onRejected);
        process.off('uncaughtException', onRejected);
      };
    },
  };
  return made;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
