import type { DriverEvent } from './contract/event.ts';
import type {
  HostCommand,
  HostCommands,
  HostError,
  HostMessage,
  HostRequest,
} from './contract/host-message.ts';
import type { MessagePortLike } from './contract/message-port.ts';
import { err, type Result } from './contract/result.ts';

/** Calls waiting for their answer at one time, as many as the host takes; more are answered `E_BUSY`. */
export const MAX_OPEN_CALLS = 64;

export type DriverHostClient = {
  /** Sends a command and settles with its answer; never rejects. `E_CLOSED` once the host is gone. */
  call<Name extends HostCommand>(
    command: Name,
    ...takes: Record<never, never> extends HostCommands[Name]['takes']
      ? []
      : [HostCommands[Name]['takes']]
  ): Promise<Result<HostCommands[Name]['gives'], HostError>>;
  /** Settles when the host has come up; never, if it is lost before. */
  readonly up: Promise<void>;
  /** Answers every open call with `E_CLOSED`: the process behind the port has ended. */
  lost(): void;
};

const closed = err<HostError>({ code: 'E_CLOSED', detail: 'the driver host is gone' });

/** The agent's side of a driver host; `onEvent` gets what its devices report, in order. */
export const connectDriverHost = (
  port: MessagePortLike,
  onEvent: (event: DriverEvent) => void,
): DriverHostClient => {
  const open = new Map<number, (result: Result<never, HostError>) => void>();
  let nextRequestId = 0;
  let gone = false;
  let markUp = (): void => {};
  const up = new Promise<void>((resolve) => {
    markUp = resolve;
  });

  port.onMessage((received) => {
    // Only the host, which is our own code, speaks on this port.
    const message = received as HostMessage;
    switch (message.type) {
      case 'up':
        return markUp();
      case 'event':
        return onEvent(message.event);
      case 'reply': {
        const settle = open.get(message.requestId);
        open.delete(message.requestId);
        return settle?.(message.result as Result<never, HostError>);
      }
    }
  });

  return {
    call: (command, ...takes) =>
      new Promise((resolve) => {
        if (gone) return resolve(closed);
        if (open.size >= MAX_OPEN_CALLS) {
          return resolve(
            err({ code: 'E_BUSY', detail: `more than ${MAX_OPEN_CALLS} calls at a time` }),
          );
        }
        const requestId = nextRequestId++;
        open.set(requestId, resolve);
        const request: HostRequest = { type: 'request', requestId, command, ...(takes[0] ?? {}) };
        port.postMessage(request);
      }),
    up,
    lost() {
      gone = true;
      for (const settle of open.values()) settle(closed);
      open.clear();
    },
  };
};
