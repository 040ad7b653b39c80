import { createContext, useContext } from 'react';
import { assert } from '../../../agent/contract/result.ts';
import { useObservable } from '../../kit/observable.ts';
import type { TillLink } from '../link.ts';
import type { TillStore } from './till-store.ts';
import type { TillView } from './till-view.ts';

/** The till that a screen shows and the way to it. */
export interface TillUse {
  readonly link: TillLink;
  readonly store: TillStore;
}

export const TillContext = createContext<TillUse | null>(null);

/** The till of this screen and its present view. */
export function useTill(): TillUse & { readonly view: TillView } {
  const till = useContext(TillContext);
  assert(till !== null, 'a till screen is shown inside TillContext');
  return { ...till, view: useObservable(till.store) };
}
