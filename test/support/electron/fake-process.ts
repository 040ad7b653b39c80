import { EventEmitter } from 'node:events';
import type { UtilityProcess } from 'electron';
import type { FakePort } from './fake-port.ts';

/** A utility process that does nothing but remember what it was told. */
export class FakeProcess extends EventEmitter {
  readonly program: 'agent' | 'drivers';
  readonly told: { data: Record<string, unknown>; ports: FakePort[] }[] = [];
  readonly pid = 4_711;
  killed = 0;

  constructor(program: 'agent' | 'drivers') {
    super();
    this.program = program;
  }

  postMessage(data: Record<string, unknown>, ports: FakePort[] = []): void {
    this.told.push({ data, ports });
  }

  kill(): boolean {
    this.killed += 1;
    this.emit('exit', 15);
    return true;
  }

  says(message: object): void {
    this.emit('message', message);
  }

  /** The messages of one type that it was told. */
  heard(type: string): Record<string, unknown>[] {
    return this.told.flatMap(({ data }) => (data['type'] === type ? [data] : []));
  }
}

/** Starts processes that do nothing, and keeps them. */
export function createFakeProcesses() {
  const started: FakeProcess[] = [];
  return {
    started,
    of: (program: 'agent' | 'drivers') => started.filter((one) => one.program === program),
    fork(program: 'agent' | 'drivers'): UtilityProcess {
      const made = new FakeProcess(program);
      started.push(made);
      return made as unknown as UtilityProcess;
    },
  };
}
