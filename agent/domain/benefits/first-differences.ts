import { canonicalJson } from '../ledger/canonical-json.ts';

/** Differences that are named; whoever looks for the cause needs the first ones. */
export const DIFFERENCES_MAX = 20;
/** Longest value that is quoted, in characters of JSON. */
export const DIFFERENCE_VALUE_MAX_CHARS = 200;

/** A place where two JSON values differ. */
export interface JsonDifference {
  /** Dotted path, e.g. `evaluation.lines.0.payableMinor`. */
  readonly path: string;
  /** The values as JSON, cut where they are long; absent where that side has none. */
  readonly stored?: string;
  readonly replayed?: string;
}

/**
 * The first places, in canonical order, at which two JSON values differ, at most {@link DIFFERENCES_MAX}; none exactly
 * when their canonical JSON is the same text.
 */
export function firstDifferences(stored: unknown, replayed: unknown): JsonDifference[] {
  if (canonicalJson(stored) === canonicalJson(replayed)) return [];
  const found: JsonDifference[] = [];
  compare([], stored, replayed, found);
  return found;
}

function compare(
  path: readonly string[],
  stored: unknown,
  replayed: unknown,
  found: JsonDifference[],
): void {
  if (found.length >= DIFFERENCES_MAX) return;
  if (isBranch(stored) && isBranch(replayed) && Array.isArray(stored) === Array.isArray(replayed)) {
    const [left, right] = [new Map(Object.entries(stored)), new Map(Object.entries(replayed))];
    for (const key of [...new Set([...left.keys(), ...right.keys()])])
      compare([...path, key], left.get(key), right.get(key), found);
    return;
  }
  const [was, is] = [quoted(stored), quoted(replayed)];
  if (was?.whole === is?.whole) return;
  found.push({
    path: path.join('.'),
    ...(was === undefined ? {} : { stored: was.shown }),
    ...(is === undefined ? {} : { replayed: is.shown }),
  });
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function quoted(value: unknown): { readonly whole: string; readonly shown: string } | undefined {
  if (value === undefined) return undefined;
  const whole = canonicalJson(value);
  const shown =
    whole.length > DIFFERENCE_VALUE_MAX_CHARS
      ? `${whole.slice(0, DIFFERENCE_VALUE_MAX_CHARS)}…`
      : whole;
  return { whole, shown };
}
