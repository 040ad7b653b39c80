import type { MessageChannelMain, MessagePortMain, UtilityProcess } from 'electron';
import type { ShellToAgent } from '../../agent/contract/shell-message.ts';
import type { ShellLog } from './shell-log.ts';

/** Driver processes at one time: one that is ending and the one after it. */
export const DRIVER_PROCESSES_MAX = 2;

/** The driver processes of one agent. */
export interface DriverProcesses {
  spawn(processId: number): void;
  kill(processId: number): void;
  killAll(): void;
}

/** Starts driver processes beside the agent, which cannot, and joins each to it by a channel of their own. */
export function createDriverProcesses(options: {
  readonly fork: () => UtilityProcess;
  readonly newChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>;
  readonly say: (message: ShellToAgent, ports?: MessagePortMain[]) => void;
  readonly log: ShellLog;
}): DriverProcesses {
  const { fork, newChannel, say, log } = options;
  const running = new Map<number, UtilityProcess>();
  return {
    spawn(processId) {
      if (running.size >= DRIVER_PROCESSES_MAX) {
        log('error', 'a driver process was refused', { running: running.size });
        return say({ type: 'process-ended', processId, exitCode: null });
      }
      const child = fork();
      running.set(processId, child);
      child.once('exit', (exitCode) => {
        running.delete(processId);
        say({ type: 'process-ended', processId, exitCode });
      });
      const { port1, port2 } = newChannel();
      child.postMessage({ type: 'port' }, [port1]);
      const { pid } = child;
      say({ type: 'process-port', processId, ...(pid === undefined ? {} : { pid }) }, [port2]);
    },
    kill: (processId) => void running.get(processId)?.kill(),
    killAll() {
      for (const child of running.values()) child.kill();
    },
  };
}
