import { useEffect, useRef } from 'react';
import { attachWedge } from './wedge-dom.ts';

/**
 * Listens for a keyboard-mode scanner while the screen is shown, whatever has the focus.
 * @param onScan a whole code, with its AIM identifier in front where the scanner sends one
 * @param onTorn a code that stopped in the middle: the shopper is asked to scan again
 */
export function useWedge(onScan: (text: string) => void, onTorn: () => void): void {
  const current = useRef({ onScan, onTorn });
  current.current = { onScan, onTorn };
  useEffect(
    () =>
      attachWedge(window, {
        onScan: ({ text, aim }) => current.current.onScan(`${aim ?? ''}${text}`),
        onTorn: () => current.current.onTorn(),
      }),
    [],
  );
}
