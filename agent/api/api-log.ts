import type { ErrorCode } from '../contract/index.ts';
import type { Transport } from './context.ts';

/** One request as the log keeps it: names and outcome, never a token, an address with values in it, or a body. */
export interface AccessLine {
  readonly transport: Transport;
  readonly caller: string;
  /** Dotted procedure, or the kind of address where no procedure was reached. */
  readonly procedure: string;
  /** The scope that let the caller in. */
  readonly scope: string | null;
  readonly outcome: 'ok' | ErrorCode;
}

/** Where the local API writes what happened. */
export interface ApiLog {
  access(line: AccessLine): void;
  /** Something broke inside. `facts` are names and places in the code, never values. */
  problem(facts: {
    readonly procedure: string;
    readonly error: string;
    readonly frames: readonly string[];
  }): void;
}

/** Frames of a stack that a problem line keeps. */
const FRAMES_MAX = 12;

/** Name and frames of an unexpected error; its message may quote a member's data and stays out. */
export function describeUnexpected(error: unknown): { error: string; frames: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, frames: [] };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim());
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return { error: `${error.name}${code}`, frames };
}
