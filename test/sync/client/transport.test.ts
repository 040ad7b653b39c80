import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CONNECT_MS } from '../../../sync/client/agents.ts';
import { createTransport, REPLY_MAX_BYTES } from '../../../sync/client/transport.ts';
import { type ScriptedHq, type ScriptedOptions, startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime, realTime } from './virtual-time.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function hqOf(options?: ScriptedOptions): Promise<ScriptedHq> {
  const hq = await startScriptedHq(options);
  open.push(() => hq.close());
  return hq;
}

function transportOf(options: Parameters<typeof createTransport>[0]) {
  const transport = createTransport(options);
  open.push(() => transport.close());
  return transport;
}

const ask = { tillId: 'till-1' as never };

describe('the way to headquarters', () => {
  test('keeps its connection, and takes another where HQ had closed the one that was kept', async () => {
    const hq = await hqOf();
    const ports = new Set<number | undefined>();
    hq.on('/v1/challenges', (_, reply) => {
      ports.add(reply.raw.socket?.remotePort);
      reply.json({ challenge: 'challenge-0123456789', at: new Date().toISOString() });
    });
    const transport = transportOf({ ...realTime, url: hq.url, ca: null });
    for (let turn = 0; turn < 3; turn += 1)
      expect((await transport.call('challenge', ask)).ok).toBe(true);
    expect(ports.size).toBe(1);
    hq.on('/v1/challenges', (_, reply) => {
      hq.on('/v1/challenges', undefined);
      reply.raw.destroy();
    });
    expect((await transport.call('challenge', ask)).ok).toBe(true);
  });

  test('reads an answer up to its limit and not a byte more', async () => {
    const hq = await hqOf();
    const at = new Date().toISOString();
    const body = JSON.stringify({ challenge: 'challenge-0123456789', at });
    let size = REPLY_MAX_BYTES;
    // White space is in order, however much of it there is.
    hq.on('/v1/challenges', (_, reply) =>
      reply.send(200, 'application/json', body.padEnd(size, ' ')),
    );
    const transport = transportOf({ ...realTime, url: hq.url, ca: null });
    expect((await transport.call('challenge', ask)).ok).toBe(true);
    size += 1;
    expect(await transport.call('challenge', ask)).toMatchObject({
      ok: false,
      error: { code: 'unreachable', reason: 'wrong-answer' },
    });
  });

  test.each([
    ['another content type', 200, 'text/plain', 'hello', 'wrong-answer'],
    ['another form', 200, 'application/json', '{"challenge":1}', 'wrong-answer'],
    ['no JSON', 200, 'application/json', 'hello', 'wrong-answer'],
    [
      'an error of a server in between',
      502,
      'text/html',
      '<html>Bad gateway</html>',
      'server-error',
    ],
    ['a refusal of somebody else', 404, 'application/json', '{"error":"x"}', 'wrong-answer'],
  ])('takes %s for no answer of HQ', async (_, status, form, body, reason) => {
    const hq = await hqOf();
    hq.on('/v1/challenges', (_asked, reply) => reply.send(status, form, body));
    const transport = transportOf({ ...realTime, url: hq.url, ca: null });
    expect(await transport.call('challenge', ask)).toMatchObject({
      ok: false,
      error: { code: 'unreachable', reason },
    });
  });

  test('hands on what HQ refuses with its code and details', async () => {
    const hq = await hqOf();
    hq.on('/v1/challenges', (_, reply) => reply.refuse('ledger-gap', { expectedSeq: 7 }));
    const transport = transportOf({ ...realTime, url: hq.url, ca: null });
    expect(await transport.call('challenge', ask)).toEqual({
      ok: false,
      error: {
        code: 'refused',
        refusal: 'ledger-gap',
        detail: { expectedSeq: 7 },
        retryAfterMs: null,
      },
    });
  });

  test('gives a host up that takes connections and never speaks TLS', async () => {
    const sockets = new Set<Socket>();
    const mute = (await import('node:net')).createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', () => resolve()));
    open.push(() => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const time = createVirtualTime();
    const { port } = mute.address() as AddressInfo;
    const other = await hqOf({ tls: {} });
    const transport = transportOf({ ...time, url: `https://127.0.0.1:${port}`, ca: other.ca });
    const answer = transport.call('challenge', ask);
    while (sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await time.advance(CONNECT_MS);
    expect(await answer).toMatchObject({
      ok: false,
      error: { reason: 'timed-out', mayHaveArrived: false },
    });
  });

  test('refuses plain HTTP beyond this machine', () => {
    expect(() => createTransport({ ...realTime, url: 'http://hq.example', ca: null })).toThrow(
      'loopback',
    );
  });

  test('leads through a proxy that sees neither words nor certificate of HQ', async () => {
    const hq = await hqOf({ tls: { hosts: ['hq.internal'] } });
    const { port } = new URL(hq.url);
    const through: string[] = [];
    const proxy = await startProxy((target) => {
      through.push(target);
      return Number(port);
    });
    const setting = { protocol: 'http', host: '127.0.0.1', port: proxy } as const;
    const options = { ...realTime, url: `https://hq.internal:${port}`, proxy: setting };
    const pinned = transportOf({ ...options, ca: hq.ca });
    expect((await pinned.call('challenge', ask)).ok).toBe(true);
    expect(through).toEqual([`hq.internal:${port}`]);
    // What is pinned counts behind a proxy too.
    const foreign = transportOf({ ...options, ca: (await hqOf({ tls: {} })).ca });
    expect(await foreign.call('challenge', ask)).toMatchObject({
      error: { reason: 'certificate-untrusted' },
    });
  });
});

/** A proxy that knows CONNECT alone, and leads every name to a port of this machine. */
async function startProxy(portOf: (target: string) => number): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket) => {
    const target = connectTcp(portOf(request.url ?? ''), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
