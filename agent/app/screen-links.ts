import { err, type Failure, failure, ok, type Result, toInstant } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { newLinkCode, newToken } from './secrets.ts';
import type { Work } from './work.ts';

export const SCREEN_CODE_TTL_MS = 10 * 60_000;
/** One-time codes that wait to be used; the oldest gives way. */
export const SCREEN_CODES_MAX = 32;
export const SCREEN_TOKEN_TTL_MS = 12 * 60 * 60_000;

export interface ScreenLinksParts {
  readonly store: Store;
  readonly work: Work;
  readonly nowMs: () => number;
  readonly hash: (data: string) => string;
  readonly random: (bytes: number) => Uint8Array;
}

/** Which page a code or token opens: one of the till's own screens, or the page at the camera. */
export type LinkedPage = 'screen' | 'capture';

export interface ScreenLinks {
  issue(): string;
  open(code: string): Result<{ token: string; expiresAt: string }, Failure>;
  valid(token: string): boolean;
}

/**
 * One-time codes that open the till's own pages in a browser; only hashes of codes and tokens are kept. The page is part
 * of what is hashed, so what opens one is nothing to another.
 */
export function createScreenLinks(
  { store, work, nowMs, hash: hashOf, random }: ScreenLinksParts,
  page: LinkedPage = 'screen',
): ScreenLinks {
  const expiryOfCode = new Map<string, number>();
  const hash = (text: string): string => hashOf(page === 'screen' ? text : `${page} ${text}`);

  return {
    issue() {
      const code = newLinkCode(random);
      expiryOfCode.set(hash(code), nowMs() + SCREEN_CODE_TTL_MS);
      const [oldest] = expiryOfCode.keys();
      if (expiryOfCode.size > SCREEN_CODES_MAX && oldest !== undefined) expiryOfCode.delete(oldest);
      return code;
    },
    open(code) {
      const codeHash = hash(code);
      const expiresAtMs = expiryOfCode.get(codeHash);
      if (expiresAtMs === undefined || nowMs() >= expiresAtMs)
        return err(failure('ui-code-wrong', 'code'));
      const token = newToken(random);
      const tokenExpiresAtMs = nowMs() + SCREEN_TOKEN_TTL_MS;
      const done = work(() => {
        store.screens.prune(nowMs());
        store.screens.add(hash(token), tokenExpiresAtMs);
      });
      // Used up only once its token exists, so that a full disk does not cost the link.
      if (!done.ok) return done;
      expiryOfCode.delete(codeHash);
      return ok({ token, expiresAt: toInstant(tokenExpiresAtMs) });
    },
    valid: (token) => store.screens.valid(hash(token), nowMs()),
  };
}
