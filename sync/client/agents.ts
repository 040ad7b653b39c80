import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { CONNECT_TIMEOUT } from './classify-error.ts';
import type { SyncTimers } from './deps.ts';

/** Longest time for finding the host, connecting and TLS, in milliseconds. */
export const CONNECT_MS = 5_000;
/** Connections to headquarters at a time: the stream, the outbox, a document, and short questions. */
export const SOCKETS_MAX = 12;

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  close(): void;
}

/**
 * Connections that are kept alive and trust the pinned authority alone: what the machine or its administrator trusts
 * besides does not count.
 * @param ca certificate of the authority as PEM; `null` = plain HTTP on loopback
 */
export function createAgents(
  ca: string | null,
  timers: SyncTimers,
  connectMs = CONNECT_MS,
): Agents {
  const kept = { keepAlive: true, maxSockets: SOCKETS_MAX } as const;
  const http = new HttpAgent(kept);
  const https = new HttpsAgent({
    ...kept,
    // An empty list trusts nobody; leaving it out would trust the whole world.
    ca: ca === null ? [] : [ca],
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  limitConnect(http, 'connect', timers, connectMs);
  limitConnect(https, 'secureConnect', timers, connectMs);
  return {
    http,
    https,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function limitConnect(
  agent: HttpAgent | HttpsAgent,
  ready: 'connect' | 'secureConnect',
  timers: SyncTimers,
  connectMs: number,
): void {
  type Create = HttpAgent['createConnection'];
  const create: Create = agent.createConnection.bind(agent);
  agent.createConnection = (
    options: Parameters<Create>[0],
    callback: Parameters<Create>[1],
  ): Duplex | null | undefined => {
    const socket = create(options, callback);
    if (socket === null || socket === undefined) return socket;
    const timer = timers.set(connectMs, () => {
      const error = new Error(`no connection within ${connectMs} ms`);
      socket.destroy(Object.assign(error, { code: CONNECT_TIMEOUT }));
    });
    const clear = (): void => timers.clear(timer);
    socket.once(ready, clear);
    socket.once('close', clear);
    return socket;
  };
}

/** Whether a host is this machine itself: the one place where plain HTTP is allowed. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
