import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { UtilityProcess } from 'electron';
import type { FakePort } from './fake-port.ts';
import { createPortLine, type Wire } from './parent-port.ts';

const SHIM = new URL('./parent-port.ts', import.meta.url).href;
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** Real processes behind the face of Electron's utility processes. */
export interface UtilityProcesses {
  readonly fork: (entry: string) => UtilityProcess;
  /** Every process that was started, in order. */
  readonly started: { readonly entry: string; readonly child: ChildProcess }[];
  /** Standard error of all of them. */
  log(): string;
  killAll(): Promise<void>;
}

/** Starts entries as Node processes that believe to be utility processes. */
export function createUtilityProcesses(): UtilityProcesses {
  const started: { entry: string; child: ChildProcess }[] = [];
  let log = '';
  let nextPort = 0;
  return {
    started,
    log: () => log,
    fork(entry) {
      const child = fork(entry, [], {
        execArgv: ['--import', SHIM],
        env: { ...process.env, TILLSIDE_FAKE_PARENT_PORT: '1' },
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      started.push({ entry, child });
      child.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString('utf8');
      });
      const send = (message: Wire): void => {
        // With a callback a message to a child that has just gone is no 'error' event.
        if (child.connected) child.send(message, () => undefined);
      };
      const line = createPortLine(send);
      const face = new EventEmitter();
      child.on('message', (message: Wire) =>
        message.kind === 'parent' ? face.emit('message', message.data) : line.receive(message),
      );
      child.once('exit', (code) => {
        line.closeAll();
        // A process that a signal ended has no code of its own; Electron reports the signal's number.
        face.emit('exit', code ?? 9);
      });
      return Object.assign(face, {
        pid: child.pid,
        stdout: null,
        stderr: child.stderr,
        postMessage(data: unknown, ports: FakePort[] = []) {
          const ids = ports.map((port) => {
            const id = nextPort++;
            line.carry(id, port);
            return id;
          });
          send({ kind: 'parent', data, ports: ids });
        },
        kill: () => child.kill('SIGTERM'),
      }) as unknown as UtilityProcess;
    },
    async killAll() {
      for (const { child } of started) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = new Promise((settle) => child.once('exit', settle));
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}
