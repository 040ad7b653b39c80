import type { MessagePortLike } from '../../drivers/contract/message-port.ts';
import { fromUtilityPort, type UtilityPort } from '../../drivers/utility-port.ts';
import { assert } from '../contract/index.ts';
import type { AgentToShell, ShellToAgent } from '../contract/shell-message.ts';
import type { Host } from './host.ts';

/** Messages to a process that wait for its port; the driver host takes no more calls at a time either. */
export const WAITING_MESSAGES_MAX = 64;

type ProcessMessage = Extract<ShellToAgent, { type: 'process-port' | 'process-ended' }>;

/** A host that asks the desktop shell for processes: a utility process cannot start one itself. */
export interface ShellHost extends Host {
  /** Takes what the shell says about processes. */
  receive(message: ProcessMessage, ports: readonly UtilityPort[]): void;
}

interface Sibling {
  pid: number | undefined;
  attach(port: UtilityPort): void;
  ended(exitCode: number | null): void;
}

/** @param post says something to the shell */
export function createShellHost(post: (message: AgentToShell) => void): ShellHost {
  const siblings = new Map<number, Sibling>();
  let nextId = 0;

  return {
    spawn(role) {
      const processId = nextId++;
      const { port, attach } = createWaitingPort();
      let settle: (code: number | null) => void = () => undefined;
      const exit = new Promise<number | null>((resolve) => {
        settle = resolve;
      });
      const sibling: Sibling = { pid: undefined, attach, ended: settle };
      siblings.set(processId, sibling);
      post({ type: 'spawn', role, processId });
      return {
        port,
        exit,
        get pid() {
          return sibling.pid;
        },
        kill: () => post({ type: 'kill', processId }),
      };
    },
    receive(message, [port]) {
      const sibling = siblings.get(message.processId);
      // Ended meanwhile: the shell's message crossed ours.
      if (sibling === undefined) return;
      if (message.type === 'process-ended') {
        siblings.delete(message.processId);
        return sibling.ended(message.exitCode);
      }
      assert(port !== undefined, 'a process comes with its port');
      sibling.pid = message.pid;
      sibling.attach(port);
    },
  };
}

/** A port that can be used before it is there: what is said meanwhile waits. */
function createWaitingPort(): { port: MessagePortLike; attach(port: UtilityPort): void } {
  let attached: MessagePortLike | undefined;
  let closed = false;
  const waiting: unknown[] = [];
  const receivers: ((message: unknown) => void)[] = [];
  return {
    port: {
      postMessage(message) {
        if (attached !== undefined) return attached.postMessage(message);
        assert(waiting.length < WAITING_MESSAGES_MAX, 'few messages wait for a process');
        waiting.push(message);
      },
      onMessage(receive) {
        receivers.push(receive);
      },
      close() {
        closed = true;
        attached?.close();
      },
    },
    attach(port) {
      attached = fromUtilityPort(port);
      if (closed) return attached.close();
      attached.onMessage((message) => {
        for (const receive of receivers) receive(message);
      });
      for (const message of waiting.splice(0)) attached.postMessage(message);
    },
  };
}
