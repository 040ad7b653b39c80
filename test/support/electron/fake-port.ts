import { EventEmitter } from 'node:events';

/** A port as Electron's main side has it: events, a queue until `start`, and a `close` that only the other end hears. */
export class FakePort extends EventEmitter {
  peer: FakePort | undefined;
  #queue: unknown[] | undefined = [];
  #open = true;

  postMessage(data: unknown): void {
    if (!this.#open) return;
    const copy = structuredClone(data);
    setImmediate(() => this.peer?.deliver(copy));
  }

  /** Takes a message from the other end. */
  deliver(data: unknown): void {
    if (!this.#open) return;
    if (this.#queue !== undefined) this.#queue.push(data);
    else this.emit('message', { data, ports: [] });
  }

  start(): void {
    const waiting = this.#queue ?? [];
    this.#queue = undefined;
    for (const data of waiting) this.emit('message', { data, ports: [] });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    setImmediate(() => this.peer?.closedByPeer());
  }

  closedByPeer(): void {
    if (!this.#open) return;
    this.#open = false;
    this.emit('close');
  }
}

/** Electron's `MessageChannelMain`. */
export class FakeChannel {
  readonly port1 = new FakePort();
  readonly port2 = new FakePort();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}
