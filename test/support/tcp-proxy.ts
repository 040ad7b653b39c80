import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A network between two programs that can be made slow, cut or switched off. */
export interface TcpProxy {
  readonly port: number;
  /** Connections open at this moment. */
  connections(): number;
  /** Ends all connections at once, as a pulled cable and a new one do. */
  cut(): void;
  /** Refuses new connections and ends those that are open, until `restore`. */
  down(): void;
  restore(): void;
  /** Holds everything back without ending a connection (half-open), until `restore`. */
  stall(): void;
  /** Lets bytes pass without a limit from here on. */
  fullSpeed(): void;
  /** Sends connections to another port from here on. */
  pointTo(port: number): void;
  close(): Promise<void>;
}

export interface TcpProxyOptions {
  readonly targetPort: number;
  /** Delay of each direction, in milliseconds. */
  readonly delayMs?: number;
  /** Bytes a second in each direction; absent = unlimited. */
  readonly bytesPerSecond?: number;
}

/** Bytes that wait in one direction before its sender is paused. */
const WAITING_MAX_BYTES = 4 * 1024 * 1024;

/** Starts a TCP proxy on 127.0.0.1. Bytes pass as they are, so TLS ends at the two programs. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const { delayMs = 0 } = options;
  let { bytesPerSecond } = options;
  const pairs = new Set<readonly [Socket, Socket]>();
  let targetPort = options.targetPort;
  let mode: 'open' | 'down' | 'stall' = 'open';
  let wake: (() => void)[] = [];

  const passable = async (): Promise<void> => {
    while (mode === 'stall') await new Promise<void>((go) => wake.push(go));
  };

  function carry(from: Socket, to: Socket): void {
    let waiting = 0;
    let chain = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      waiting += chunk.length;
      if (waiting > WAITING_MAX_BYTES) from.pause();
      const due = performance.now() + delayMs;
      chain = chain.then(async () => {
        const leftMs = due - performance.now();
        if (leftMs > 0) await sleep(leftMs);
        await passable();
        await write(to, chunk);
        waiting -= chunk.length;
        if (waiting <= WAITING_MAX_BYTES) from.resume();
      });
    });
    from.on('end', () => {
      chain = chain.then(() => void to.end());
    });
  }

  async function write(to: Socket, chunk: Buffer): Promise<void> {
    if (bytesPerSecond === undefined) {
      if (!to.destroyed) to.write(chunk);
      return;
    }
    const step = Math.max(1, Math.floor(bytesPerSecond / 20));
    for (let at = 0; at < chunk.length && !to.destroyed; at += step) {
      const part = chunk.subarray(at, at + step);
      to.write(part);
      if (bytesPerSecond !== undefined) await sleep((part.length / bytesPerSecond) * 1_000);
    }
  }

  function cut(): void {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  }

  const server = createServer((near) => {
    if (mode === 'down') {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    near.setNoDelay(true);
    far.setNoDelay(true);
    for (const socket of pair) {
      // Either side may vanish; the other one is told by the end of its own connection.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    carry(near, far);
    carry(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    port: address.port,
    connections: () => pairs.size,
    cut,
    down() {
      mode = 'down';
      cut();
    },
    restore() {
      mode = 'open';
      for (const go of wake.splice(0)) go();
      wake = [];
    },
    stall() {
      mode = 'stall';
    },
    fullSpeed() {
      bytesPerSecond = undefined;
    },
    pointTo(port) {
      targetPort = port;
    },
    async close() {
      mode = 'open';
      for (const go of wake.splice(0)) go();
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
