import type { Caller } from '../app/till.ts';
import { describeUnexpected } from './api-log.ts';
import type { Transport } from './context.ts';
import type { Api } from './create-api.ts';
import { readPeerMessage } from './peer-message.ts';

/** Text messages both ways and an end: what a message port and a WebSocket have in common. */
export interface Wire {
  send(text: string): void;
  onMessage(receive: (data: unknown) => void): void;
  onClose(closed: () => void): void;
  /** Ends the wire because the other side broke the protocol. */
  refuse(): void;
}

/** A message port as Node's worker_threads, a page and Electron's main process have it. */
export type AnyPort =
  | {
      postMessage(data: unknown): void;
      addEventListener(
        type: 'message' | 'close',
        listener: (event: { readonly data?: unknown }) => void,
      ): void;
      start?(): void;
      close(): void;
    }
  | {
      postMessage(data: unknown): void;
      on(
        type: 'message' | 'close',
        listener: (event?: { readonly data?: unknown }) => void,
      ): unknown;
      start?(): void;
      close(): void;
    };

/**
 * Serves the whole contract over a message port, for the till's own screens under Electron and for tests.
 * The port is the proof of who asks: only the host hands ports out.
 */
export function servePort(api: Api, port: AnyPort, caller: Caller): void {
  serveWire(api, portWire(port), { transport: 'port', caller, stillValid: () => true });
}

/** Serves the contract over a wire whose caller is known. The scopes decide what that caller may ask. */
export function serveWire(
  api: Api,
  wire: Wire,
  who: {
    readonly transport: Transport;
    readonly caller: Caller;
    readonly stillValid: () => boolean;
  },
): void {
  let closed = false;
  const receivers: ((data: unknown) => void)[] = [];
  wire.onClose(() => {
    closed = true;
  });
  wire.onMessage((data) => {
    const message = readPeerMessage(data);
    if (message === undefined) return wire.refuse();
    for (const receive of receivers) receive(message);
  });
  api.rpc.upgrade(
    {
      postMessage(data: unknown) {
        // An answer to somebody who has left is dropped; throwing here would end the process.
        if (closed) return;
        try {
          wire.send(data as string);
        } catch (error) {
          closed = true;
          api.log.problem({ procedure: `${who.transport}.send`, ...describeUnexpected(error) });
        }
      },
      onMessage: {
        addListener: (receive: (data: unknown) => void) => void receivers.push(receive),
      },
      onDisconnect: { addListener: (left: () => void) => wire.onClose(left) },
    },
    { context: api.contextFor(who) },
  );
}

/** Adapts the port shapes; Electron's main-side port hands over an event, Node's EventTarget form does too. */
function portWire(port: AnyPort): Wire {
  const listen = (
    type: 'message' | 'close',
    listener: (event?: { readonly data?: unknown }) => void,
  ): void => {
    if ('addEventListener' in port) port.addEventListener(type, listener);
    else port.on(type, listener);
  };
  return {
    send: (text) => port.postMessage(text),
    onMessage(receive) {
      listen('message', (event) => receive(event?.data));
      port.start?.();
    },
    onClose: (closed) => listen('close', closed),
    refuse: () => port.close(),
  };
}
