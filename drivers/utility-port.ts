import type { MessagePortLike } from './contract/message-port.ts';

/** A message port as a utility process of the desktop shell has it: messages come as events, and wait until `start`. */
export interface UtilityPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** A utility process's way to the shell. Ports come down with messages; none can be sent up. */
export interface ParentPort {
  postMessage(message: unknown): void;
  on(
    type: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly UtilityPort[] }) => void,
  ): unknown;
}

/** The parent port of this process; the runtime puts it on `process`, and only in a utility process. */
export function parentPortOf(process: object): ParentPort {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort === undefined)
    throw new Error('broken invariant: this entry runs in a utility process of the desktop shell');
  return parentPort;
}

/** The drivers' and the agent's form of a utility port. */
export function fromUtilityPort(port: UtilityPort): MessagePortLike {
  return {
    postMessage: (message) => port.postMessage(message),
    onMessage(receive) {
      port.on('message', ({ data }) => receive(data));
      port.start();
    },
    close: () => port.close(),
  };
}
