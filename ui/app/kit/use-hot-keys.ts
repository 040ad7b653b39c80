import { useEffect, useRef } from 'react';

/**
 * What each key does, by `KeyboardEvent.key`: `F2`, `Escape` ... A key that is named here is the page's and never the
 * browser's, which would load the page anew or open a field that takes the next scan; `undefined`: nothing just here.
 */
export type HotKeys = Readonly<Record<string, (() => void) | undefined>>;

/** What lies over a page and has its keys to itself while it does. */
const COVERS = '[role=dialog], [role=menu]';

/**
 * Whether something lay over the page as the latest key went down. Noted before anything else hears the key, from the
 * moment this file is loaded: a dialog that takes Esc is gone when the keys of the page are asked.
 */
let covered = false;
addEventListener(
  'keydown',
  () => {
    covered = document.querySelector(COVERS) !== null;
  },
  { capture: true },
);

/**
 * Binds keys for the whole window. A key held down acts once; a key that somebody nearer already used, or that was
 * pressed while a dialog or menu was open, does nothing here.
 * @param reach `everywhere`: also while a dialog or menu is open
 */
export function useHotKeys(
  keys: HotKeys,
  enabled = true,
  reach: 'page' | 'everywhere' = 'page',
): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const isOurs =
        Object.hasOwn(current.current, event.key) &&
        !(event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey);
      if (!isOurs) return;
      event.preventDefault();
      if (!event.repeat && (reach === 'everywhere' || !covered)) current.current[event.key]?.();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [enabled, reach]);
}
