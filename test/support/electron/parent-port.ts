/**
 * Loaded before a process entry (`--import`): gives a forked Node process the `process.parentPort` of an Electron
 * utility process. Ports that come with a message are carried over the same line, by number.
 */
import { EventEmitter } from 'node:events';
import { FakePort } from './fake-port.ts';

/** What goes over the line in both directions. */
export type Wire =
  | { readonly kind: 'parent'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly kind: 'port'; readonly id: number; readonly data: unknown }
  | { readonly kind: 'port-close'; readonly id: number };

/** Carries ports over a line that carries only messages. */
export function createPortLine(send: (message: Wire) => void) {
  const ends = new Map<number, FakePort>();
  return {
    /** Takes a port out of this process: whatever reaches it goes over the line. */
    carry(id: number, port: FakePort): void {
      ends.set(id, port);
      port.on('message', ({ data }) => send({ kind: 'port', id, data }));
      port.on('close', () => send({ kind: 'port-close', id }));
      port.start();
    },
    /** Makes the end of a port that the other process carries. */
    arrive(id: number): FakePort {
      const mine = new FakePort();
      const line = new FakePort();
      [mine.peer, line.peer] = [line, mine];
      ends.set(id, line);
      line.on('message', ({ data }) => send({ kind: 'port', id, data }));
      line.on('close', () => send({ kind: 'port-close', id }));
      line.start();
      return mine;
    },
    receive(message: Exclude<Wire, { kind: 'parent' }>): void {
      const end = ends.get(message.id);
      if (message.kind === 'port') end?.postMessage(message.data);
      else end?.close();
    },
    closeAll(): void {
      for (const end of ends.values()) end.close();
    },
  };
}

if (process.send !== undefined && process.env['TILLSIDE_FAKE_PARENT_PORT'] === '1') {
  const send = (message: Wire): void => {
    // With a callback a message to a parent that has just gone is no 'error' event.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  const line = createPortLine(send);
  const parentPort = new EventEmitter();
  const early: unknown[] = [];
  process.on('message', (message: Wire) => {
    if (message.kind !== 'parent') return line.receive(message);
    const event = { data: message.data, ports: message.ports.map((id) => line.arrive(id)) };
    if (parentPort.listenerCount('message') > 0) parentPort.emit('message', event);
    else early.push(event);
  });
  parentPort.on('newListener', (name) => {
    if (name === 'message')
      setImmediate(() => {
        for (const event of early.splice(0)) parentPort.emit('message', event);
      });
  });
  process.on('disconnect', () => process.exit(0));
  Object.assign(process, {
    parentPort: Object.assign(parentPort, {
      postMessage: (data: unknown) => send({ kind: 'parent', data, ports: [] }),
    }),
  });
}
