import type Database from 'better-sqlite3';
import type { LogMover } from '../store.ts';
import type { Statement } from './connection.ts';
import { isStorageError, toThrown } from './storage-error.ts';

/**
 * Beats for which the log is left to its thread before the till's own connection empties it, however much is left to
 * move: an erasure is not put off for ever.
 */
export const SCRUB_BEATS_MAX = 10;
/** The name under which `meta` keeps the wish over the end of the process. */
const WISH = 'log.scrub';

export interface LogScrubberParts {
  readonly db: Database.Database;
  readonly statement: <Row>(sql: string) => Statement<Row>;
  readonly mover: () => LogMover | undefined;
}

/** Empties the write-ahead log after something was erased, so that its bytes do not stay there. */
export interface LogScrubber {
  /** Writes the wish down; called in the transaction that erases. */
  want(): void;
  /** To be called when no transaction runs any more: does it where no thread moves the log. */
  committed(): void;
  /** See `Store.scrubErased`. */
  beat(): void;
}

export function createLogScrubber({ db, statement, mover }: LogScrubberParts): LogScrubber {
  /** `undefined` = the database was not asked yet. */
  let wanted: boolean | undefined;
  let beats = 0;

  function scrub(): void {
    try {
      if (!emptied()) return;
      statement('DELETE FROM meta WHERE name = ?').run(WISH);
      wanted = false;
    } catch (error) {
      // What was committed stands, so it must not be reported as failed; the wish stays for the next time.
      if (!isStorageError(toThrown(error))) throw error;
    }
  }

  /** The till's thread does not wait for a reader that is in the way. */
  function emptied(): boolean {
    const waitMs = db.pragma('busy_timeout', { simple: true }) as number;
    db.pragma('busy_timeout=0');
    try {
      const [state] = db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
      return state?.busy === 0;
    } finally {
      db.pragma(`busy_timeout=${waitMs}`);
    }
  }

  return {
    want() {
      statement('INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO NOTHING').run(WISH, '1');
      wanted = true;
      beats = 0;
    },
    committed() {
      if (wanted === true && mover() === undefined) scrub();
    },
    beat() {
      wanted ??= statement('SELECT 1 FROM meta WHERE name = ?').get(WISH) !== undefined;
      if (!wanted) return;
      beats += 1;
      if ((mover()?.moveAll() ?? true) || beats >= SCRUB_BEATS_MAX) scrub();
    },
  };
}
