import { useEffect, useRef } from 'react';
import { attachWedge } from './attach-wedge.ts';
import { useWedgeSettings } from './use-wedge-settings.ts';
import { createWedge, type WedgeRefusal } from './wedge.ts';

/**
 * Listens for a keyboard-mode scanner while the screen is shown, whatever has the focus, as this till's screens are
 * set for it.
 * @param onScan a whole code, with its AIM identifier in front where the scanner sends one
 * @param onRefused a code that broke off or cannot be read: the shopper is asked to scan again
 * @param enabled off while another part of the page reads the scanner for itself
 */
export function useWedge(
  onScan: (text: string) => void,
  onRefused: (refusal: WedgeRefusal) => void,
  enabled = true,
): void {
  const current = useRef({ onScan, onRefused });
  current.current = { onScan, onRefused };
  const settings = useWedgeSettings();
  useEffect(() => {
    if (!enabled || !settings.listens) return;
    return attachWedge(window, (nowMs) =>
      createWedge({
        settings,
        nowMs,
        onScan: ({ text, aim }) => current.current.onScan(`${aim ?? ''}${text}`),
        onRefused: (refusal) => current.current.onRefused(refusal),
      }),
    );
  }, [settings, enabled]);
}
