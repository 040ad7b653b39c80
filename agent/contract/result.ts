/**
 * An expected outcome as a value: either `ok` with a value or not `ok` with an error that names its code.
 * Broken invariants are not results: they throw through `assert` and end the process.
 */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** A success carrying `value`. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure carrying `error`. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Ends the process (its supervisor restarts it) when something that cannot be is. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}

/** Marks a branch that exhaustive switching makes unreachable. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unreachable case ${JSON.stringify(value)}`);
}
