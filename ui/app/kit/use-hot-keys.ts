import { useEffect, useRef } from 'react';

/** What each key does, by `KeyboardEvent.key`: `F2`, `Escape` ... */
export type HotKeys = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Binds keys for the whole window. A key held down acts once; a key that somebody nearer already used
 * (an open dialog takes Esc) does nothing here.
 */
export function useHotKeys(keys: HotKeys, enabled = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const act = current.current[event.key];
      if (
        act === undefined ||
        event.defaultPrevented ||
        event.ctrlKey ||
        event.altKey ||
        event.metaKey
      )
        return;
      event.preventDefault();
      if (!event.repeat) act();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [enabled]);
}
