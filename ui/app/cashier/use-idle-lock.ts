import { useEffect } from 'react';
import type { StaffSession } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import type { TillLink } from '../link.ts';

/** Told to the till at most so often while somebody is at the screen. */
export const TOUCH_EVERY_MS = 10_000;
const CHECK_EVERY_MS = 1_000;
const SIGNS_OF_LIFE = ['pointerdown', 'keydown', 'wheel'] as const;

/** Tells the till that somebody is at the screen, and locks the screen after the till's idle time without a touch. */
export function useIdleLock(
  link: TillLink,
  session: StaffSession | null,
  onSession: (session: StaffSession) => void,
): void {
  const { now } = useEnv();
  const idleLockMs =
    session === null || session.staff === null || session.locked ? undefined : session.idleLockMs;
  useEffect(() => {
    if (idleLockMs === undefined) return;
    let touchedAtMs = now();
    let toldAtMs = now();
    let locking = false;
    // A failed call needs no word here: the connection's banner shows, and the till locks by its own clock.
    const answer = (call: Promise<StaffSession>): Promise<void> =>
      call.then(onSession, () => undefined);
    const onTouch = (): void => {
      touchedAtMs = now();
      if (touchedAtMs - toldAtMs < Math.min(TOUCH_EVERY_MS, idleLockMs / 2)) return;
      toldAtMs = touchedAtMs;
      void answer(link.client.screen.staff.touch());
    };
    for (const sign of SIGNS_OF_LIFE)
      addEventListener(sign, onTouch, { passive: true, capture: true });
    const timer = setInterval(() => {
      if (locking || now() - touchedAtMs < idleLockMs) return;
      locking = true;
      void answer(link.client.screen.staff.lock()).finally(() => {
        locking = false;
      });
    }, CHECK_EVERY_MS);
    return () => {
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, onTouch, { capture: true });
      clearInterval(timer);
    };
  }, [link, idleLockMs, now, onSession]);
}
