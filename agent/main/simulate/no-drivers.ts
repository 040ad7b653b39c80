import type { Host } from '../host.ts';

/** A till without devices has a driver process all the same; here it is one that only hears when to end. */
export const NO_DRIVERS: Host = {
  spawn() {
    const ended = Promise.withResolvers<number | null>();
    return {
      port: {
        postMessage(message) {
          if (JSON.stringify(message).includes('shutdown')) ended.resolve(0);
        },
        onMessage: () => undefined,
        close: () => undefined,
      },
      exit: ended.promise,
      pid: undefined,
      kill: () => ended.resolve(0),
    };
  },
};
