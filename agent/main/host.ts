import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MessagePortLike } from '../../drivers/contract/message-port.ts';

/** Processes that a till needs beside the agent itself. */
export type HostRole = 'drivers';

/** A sibling process: its message port and the promise of its end. */
export interface HostedProcess {
  readonly port: MessagePortLike;
  /** Settles with the exit code, or `null` where a signal ended it. */
  readonly exit: Promise<number | null>;
  readonly pid: number | undefined;
  kill(): void;
}

/** Starts sibling processes: by fork when headless, as utility processes under Electron. */
export interface Host {
  spawn(role: HostRole): HostedProcess;
}

const ENTRY: Readonly<Record<HostRole, string>> = {
  drivers: fileURLToPath(new URL('../../drivers/host-main.ts', import.meta.url)),
};

function portOf(child: ChildProcess): MessagePortLike {
  return {
    postMessage(message) {
      // A child that is gone is noticed by its exit; a message to it has nobody to reach.
      if (child.connected) child.send(message as never);
    },
    onMessage(receive) {
      child.on('message', receive);
    },
    close() {
      if (child.connected) child.disconnect();
    },
  };
}

/** A host for plain Node: each role is a forked child that ends with us. */
export function createForkHost(): Host {
  return {
    spawn(role) {
      const child = fork(ENTRY[role], [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const exit = new Promise<number | null>((settle) => {
        child.once('exit', (code) => settle(code));
        child.once('error', () => settle(1));
      });
      return { port: portOf(child), exit, pid: child.pid, kill: () => void child.kill('SIGKILL') };
    },
  };
}
