import { useEffect, useState } from 'react';
import type { FaceWatch } from '../../../../agent/contract/index.ts';
import { useTill } from '../till-context.ts';

/** After a question that failed the next one comes so much later, in milliseconds. */
const AGAIN_AFTER_MS = 1_000;

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
          seen = next.rev;
          if (!signal.aborted) setWatch(next);
        } catch {
          if (signal.aborted) return;
          // The till may be another by then, and counts its changes anew.
          seen = undefined;
          setWatch(null);
          await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [link]);
  return watch;
}
