/** Statements that may wait for a connection at a time, in one process of HQ; one more is refused at once. */
export const WAITING_MAX = 2_000;

/** SQLSTATE of a statement refused because {@link WAITING_MAX} wait already: HQ is busy. */
export const TOO_MANY_WAITING = '53300';

/** A statement failed. It says what kind of failure, and nothing of the values that were in the statement. */
export interface HqDatabaseError extends Error {
  readonly name: 'HqDatabaseError';
  /** SQLSTATE, such as `23505` (already there) or `40P01` (deadlock); null where no database answered. */
  readonly code: string | null;
  /** The constraint that was broken. */
  readonly constraint: string | null;
}

/** Whether an error came from HQ's database. */
export function isHqDatabaseError(error: unknown): error is HqDatabaseError {
  return error instanceof Error && error.name === 'HqDatabaseError';
}

/**
 * The error of either engine in one form. The engine's own error does not travel as `cause`: it holds the statement's
 * values, hence names and phones, which must not reach a log. Neither do messages of the classes that quote a value
 * (SQLSTATE 22 data exception, 23 constraint violation).
 */
export function hqDatabaseError(error: unknown): HqDatabaseError {
  if (isHqDatabaseError(error)) return error;
  const code = textOf(error, 'code');
  const constraint = textOf(error, 'constraint');
  return databaseError(code, constraint, messageOf(error, code, constraint));
}

/** An error of our own making with an SQLSTATE. */
export function databaseError(
  code: string | null,
  constraint: string | null,
  message: string,
): HqDatabaseError {
  return Object.assign(new Error(message), { name: 'HqDatabaseError' as const, code, constraint });
}

function messageOf(error: unknown, code: string | null, constraint: string | null): string {
  if (code?.startsWith('22')) return `a value does not fit its column (${code})`;
  if (code?.startsWith('23'))
    return `the constraint ${constraint ?? 'of a column'} refused (${code})`;
  return error instanceof Error ? error.message : String(error);
}

function textOf(error: unknown, field: string): string | null {
  const value = (error as Record<string, unknown> | null)?.[field];
  return typeof value === 'string' ? value : null;
}
