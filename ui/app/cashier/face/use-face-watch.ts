import { useEffect, useState } from 'react';
import type { FaceWatch } from '../../../../agent/contract/index.ts';
import { useTill } from '../till-context.ts';

/** After a question that failed, or that brought nothing new, the next one comes so much later, in milliseconds. */
const AGAIN_AFTER_MS = 1_000;

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));

/** Whether this till uses faces, and its session as it changes; `null` = not known, e.g. while the till is out of reach. */
export function useFaceWatch(): FaceWatch | null {
  const { link } = useTill();
  const [watch, setWatch] = useState<FaceWatch | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const follow = async (): Promise<void> => {
      let seen: number | undefined;
      while (!signal.aborted) {
        try {
          const input = seen === undefined ? {} : { seen };
          const next = await link.client.screen.faces.watch(input, { signal });
          // Too many ask at one time, and the till answers at once: the page must not ask without end.
          const isStill = next.rev === seen;
          seen = next.rev;
          if (!signal.aborted) setWatch(next);
          if (isStill) await later();
        } catch {
          if (signal.aborted) return;
          // The till may be another by then, and counts its changes anew.
          seen = undefined;
          setWatch(null);
          await later();
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [link]);
  return watch;
}
