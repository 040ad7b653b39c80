import { EventEmitter } from 'node:events';
import type { SerialPortFacts } from '../../../drivers/serial/serial-port-facts.ts';
import type {
  PortHandle,
  PortOptions,
  SerialSystem,
} from '../../../drivers/serial/serial-system.ts';

/** A port as the serial binding has it, of a device that is not there. */
export class FakePort extends EventEmitter implements PortHandle {
  isOpen = false;
  readonly options: PortOptions;
  readonly written: number[] = [];
  readonly #refusal: string | undefined;

  constructor(options: PortOptions, refusal: string | undefined) {
    super();
    this.options = options;
    this.#refusal = refusal;
  }

  open(done: (error: Error | null) => void): void {
    if (this.#refusal !== undefined) return done(new Error(this.#refusal));
    this.isOpen = true;
    done(null);
  }

  close(done: (error: Error | null) => void): void {
    this.isOpen = false;
    done(null);
    this.emit('close', null);
  }

  write(bytes: Uint8Array, done: (error: Error | null) => void): void {
    this.written.push(...bytes);
    done(null);
  }

  drain(done: (error: Error | null) => void): void {
    done(null);
  }

  /** Pseudo-terminals and several adapters refuse this. */
  set(_lines: unknown, done: (error: Error | null) => void): void {
    done(new Error('Operation not supported'));
  }

  /** The cable is pulled, as serialport tells it. */
  unplug(): void {
    this.isOpen = false;
    this.emit('close', Object.assign(new Error('bad file descriptor'), { disconnected: true }));
  }
}

/** A computer whose ports the test plugs and pulls. */
export const createFakeSerialSystem = (platform = 'linux') => {
  const plugged = new Map<string, SerialPortFacts & { readonly mark: number }>();
  const opened: FakePort[] = [];
  let marks = 0;
  let refusal: string | undefined;
  let access: 'denied' | 'open' = 'open';
  const system: SerialSystem = {
    platform,
    ports: async () => [...plugged.values()].map(({ mark: _mark, ...facts }) => facts),
    access: async (path) => (plugged.has(path) ? access : 'absent'),
    node: async (path) => path,
    nodeMark: async (path) => plugged.get(path)?.mark.toString(),
    async createPort(options) {
      const port = new FakePort(options, refusal);
      opened.push(port);
      return port;
    },
  };
  return {
    system,
    /** Every port object that was made, in order. */
    opened,
    latest: (): FakePort => {
      const port = opened.at(-1);
      if (port === undefined) throw new Error('no port was opened');
      return port;
    },
    plug(facts: SerialPortFacts): void {
      plugged.set(facts.path, { ...facts, mark: marks++ });
    },
    pull(path: string): void {
      plugged.delete(path);
      for (const port of opened) if (port.isOpen && port.options.path === path) port.unplug();
    },
    refuse(detail: string | undefined): void {
      refusal = detail;
    },
    allow(answer: 'denied' | 'open'): void {
      access = answer;
    },
  };
};
