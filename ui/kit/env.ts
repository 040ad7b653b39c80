import { createContext, useContext } from 'react';
import { assert } from '../../agent/contract/result.ts';

/** What a page takes from the machine it runs on; the entry passes it in, so that screens can be shown at any time. */
export interface Env {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A fresh unique id, RFC 9562 text. */
  readonly newId: () => string;
  /** Remembers choices of this page, such as its language, over restarts. */
  readonly preferences: Pick<Storage, 'getItem' | 'setItem'>;
}

export const EnvContext = createContext<Env | null>(null);

/** The page's {@link Env}. */
export function useEnv(): Env {
  const env = useContext(EnvContext);
  assert(env !== null, 'a screen is shown inside EnvContext');
  return env;
}
