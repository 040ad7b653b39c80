import {
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
} from '../../contract/index.ts';

/** Attempts that count against the limits are those of the last quarter of an hour. */
export const ATTEMPTS_WINDOW_MS = 15 * 60_000;
/** Sessions in a window that may compare with one member and fail. */
export const ATTEMPTS_PER_MEMBER = 5;
/** Sessions in a window that may fail at one till: a queue of strangers, not somebody who tries pictures. */
export const ATTEMPTS_PER_TILL = 30;

/** Where the attempts are kept over a restart: it forgives nothing. */
const META_NAME = 'face-attempts';

interface Attempt {
  readonly atMs: number;
  /** null = compared with everybody. */
  readonly memberId: MemberId | null;
}

/** Limits how often faces are compared without success. */
export interface Attempts {
  /** Whether one more may be made; fails with `face-attempts` and when to come back. */
  mayTry(memberId: MemberId | null): Result<void, Failure>;
  /** Counts one, before the comparison: what ends in between has counted. The value takes it back after a success. */
  take(memberId: MemberId | null): () => void;
}

/** @param nowMs the till's time, which never runs backwards */
export function createAttempts(
  meta: { get(name: string): string | undefined; set(name: string, value: string): void },
  nowMs: () => number,
): Attempts {
  let attempts = read(meta.get(META_NAME));

  function current(): Attempt[] {
    const nowAtMs = nowMs();
    return attempts.filter(({ atMs }) => nowAtMs - atMs < ATTEMPTS_WINDOW_MS);
  }

  /** The window and the limit of the till bound what is kept. */
  function keep(next: readonly Attempt[]): void {
    attempts = next.slice(-ATTEMPTS_PER_TILL);
    meta.set(META_NAME, JSON.stringify(attempts));
  }

  function full(of: readonly Attempt[], limit: number): Failure | undefined {
    const oldest = of.at(-limit);
    if (of.length < limit || oldest === undefined) return undefined;
    const leftMs = oldest.atMs + ATTEMPTS_WINDOW_MS - nowMs();
    return failure('face-attempts', undefined, { retryAfterSeconds: Math.ceil(leftMs / 1_000) });
  }

  return {
    mayTry(memberId) {
      const all = current();
      const own = all.filter((one) => memberId !== null && one.memberId === memberId);
      const refused = full(own, ATTEMPTS_PER_MEMBER) ?? full(all, ATTEMPTS_PER_TILL);
      return refused === undefined ? ok(undefined) : err(refused);
    },
    take(memberId) {
      const attempt = { atMs: nowMs(), memberId };
      keep([...current(), attempt]);
      return () => keep(current().filter((one) => one !== attempt));
    },
  };
}

/** Attempts within the window that came to nothing, as they are written down. */
export function failedAttempts(
  meta: { get(name: string): string | undefined },
  nowMs: number,
): number {
  return read(meta.get(META_NAME)).filter(({ atMs }) => nowMs - atMs < ATTEMPTS_WINDOW_MS).length;
}

/** What cannot be read was written by no version of this; it counts as none. */
function read(text: string | undefined): Attempt[] {
  if (text === undefined) return [];
  try {
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept) ? kept.filter(isAttempt) : [];
  } catch {
    return [];
  }
}

function isAttempt(one: unknown): one is Attempt {
  return (
    typeof one === 'object' &&
    one !== null &&
    'atMs' in one &&
    typeof one.atMs === 'number' &&
    'memberId' in one &&
    (one.memberId === null || typeof one.memberId === 'string')
  );
}
