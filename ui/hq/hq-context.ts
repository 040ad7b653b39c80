import { createContext, useContext, useSyncExternalStore } from 'react';
import { assert } from '../../agent/contract/result.ts';
import type { HqLink } from './hq-link.ts';

export const HqContext = createContext<HqLink | null>(null);

/** The console's way to HQ. */
export function useHq(): HqLink {
  const link = useContext(HqContext);
  assert(link !== null, 'the console is shown inside HqContext');
  return link;
}

/** Whether this tab holds a token, followed. */
export function useSignedIn(): boolean {
  const link = useHq();
  return useSyncExternalStore(link.subscribe, link.signedIn);
}
