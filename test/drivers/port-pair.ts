import type { MessagePortLike } from '../../drivers/contract/message-port.ts';

/** Messages that wait for an end nobody listens at yet; more means that nobody ever will. */
export const MAX_WAITING_MESSAGES = 1_000;

type Receive = (message: unknown) => void;

/**
 * Two ends of a channel in one process. Messages are cloned and arrive later, as between
 * processes, so that nothing comes to rely on shared objects.
 */
export const createPortPair = (): readonly [MessagePortLike, MessagePortLike] => {
  const receivers: [Receive | null, Receive | null] = [null, null];
  // What arrives before the other end listens waits for it.
  const waiting: [unknown[], unknown[]] = [[], []];
  let open = true;

  const end = (self: 0 | 1, other: 0 | 1): MessagePortLike => ({
    postMessage(message) {
      if (!open) return;
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        const receive = receivers[other];
        if (receive !== null) return receive(copy);
        if (waiting[other].length >= MAX_WAITING_MESSAGES) {
          throw new Error('broken invariant: nobody listens at this end of a port pair');
        }
        waiting[other].push(copy);
      });
    },
    onMessage(receive) {
      receivers[self] = receive;
      for (const message of waiting[self].splice(0)) queueMicrotask(() => receive(message));
    },
    close() {
      open = false;
    },
  });
  return [end(0, 1), end(1, 0)];
};
