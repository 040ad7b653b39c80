import { EventEmitter } from 'node:events';
import process from 'node:process';
import type { Device } from 'node-hid';
import type { NodeHid } from '../../../drivers/scanner/hid-native.ts';

/**
 * `node-hid` as measured: an unplug is an 'error' that brings a string, a listener that throws is
 * swallowed and comes back as an 'error', after it was closed nothing is heard any more, and reading
 * begins on the tick after a 'data' listener was added, where the real one throws when it is closed.
 */
export const createFakeNodeHid = () => {
  const devices = new Map<string, Device>();
  const handles = new Set<FakeHandle>();
  let startedClosed = 0;
  let failing: ((call: string) => unknown) | null = null;

  const meet = (call: string): void => {
    const cause = failing?.(call);
    if (cause !== undefined && cause !== null) throw cause;
  };

  class FakeHandle extends EventEmitter {
    readonly path: string;
    readonly sent: number[][] = [];
    constructor(path: string) {
      super();
      this.path = path;
      this.on('newListener', (event) => {
        if (event !== 'data') return;
        process.nextTick(() => {
          if (!handles.has(this)) startedClosed += 1;
        });
      });
    }
    deliver(event: 'data' | 'error', value: unknown): void {
      try {
        this.emit(event, value);
      } catch (cause) {
        setImmediate(() => this.emit('error', cause));
      }
    }
    async write(report: number[]): Promise<number> {
      meet('write');
      return this.sent.push(report);
    }
    async sendFeatureReport(report: number[]): Promise<number> {
      meet('feature');
      return this.sent.push(report);
    }
    async close(): Promise<void> {
      meet('close');
      handles.delete(this);
      this.removeAllListeners();
    }
  }

  const all = new Set<FakeHandle>();
  const module: NodeHid = {
    async devicesAsync() {
      meet('list');
      return [...devices.values()];
    },
    HIDAsync: {
      async open(path) {
        meet('open');
        if (!devices.has(path)) throw new Error(`cannot open device with path ${path}`);
        const handle = new FakeHandle(path);
        handles.add(handle);
        all.add(handle);
        return handle;
      },
    },
  };
  return {
    load: () => Promise.resolve(module),
    plug: (device: Device & { readonly path: string }) => void devices.set(device.path, device),
    unplug(path: string) {
      devices.delete(path);
      for (const handle of [...handles].filter((one) => one.path === path))
        handle.deliver('error', 'could not read from HID device: (device disconnected)');
    },
    send(path: string, report: Uint8Array) {
      for (const handle of [...handles].filter((one) => one.path === path))
        handle.deliver('data', Buffer.from(report));
    },
    /** `cause` gives what a call throws, or nothing. */
    fail: (cause: ((call: string) => unknown) | null) => {
      failing = cause;
    },
    /** Handles that were closed before they began to read. */
    startedClosed: () => startedClosed,
    openHandles: () => handles.size,
    sent: () => [...handles].flatMap((handle) => handle.sent),
    /** Listeners left on every handle there ever was. */
    listeners: () =>
      [...all].reduce(
        (sum, one) => sum + one.listenerCount('data') + one.listenerCount('error'),
        0,
      ),
  };
};
