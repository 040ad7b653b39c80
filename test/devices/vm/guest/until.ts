import { setTimeout as sleep } from 'node:timers/promises';

/** Everything takes 5 to 15 times as long under emulation; a scanner must be usable again within this. */
export const GUEST_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** Waits until `look` answers something, and answers that; throws with `what` after `limitMs`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs: number = GUEST_WAIT_MS,
): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`not within ${limitMs} ms: ${what}`);
}
