import type { Env } from './env.ts';

/** The {@link Env} of a page in a browser. Its clock only goes forward while the page is open. */
export const browserEnv: Env = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  newId: () => crypto.randomUUID(),
  preferences: localStorage,
};
