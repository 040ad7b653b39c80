import { useSyncExternalStore } from 'react';
import type { LinkState, TillLink } from '../link.ts';

/** The state of the way to the till, followed. */
export function useLinkState(link: TillLink): LinkState {
  return useSyncExternalStore(link.subscribe, link.state);
}
