import { EventEmitter } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPeerMessage } from '../../../agent/api/peer-message.ts';
import { servePort } from '../../../agent/api/serve-port.ts';
import { POS_SCOPES } from '../../../agent/contract/index.ts';
import type { TillClient } from '../../../ui/app/link.ts';
import { readError } from '../../../ui/app/link.ts';
import type { FakeTill } from './fake-till.ts';
import { MEMBER_CARD } from './fake-till.ts';
import { type ApiRig, serveFakeTill } from './rig.ts';

/** Long enough for a busy machine; nothing waits for it in vain. */
const WAIT = { timeout: 10_000 };

let rig: ApiRig<FakeTill>;
beforeEach(async () => {
  rig = await serveFakeTill();
});
afterEach(() => rig.close());

/** A pair of ports with the shape of Electron's main-side port: `.on('message', ({ data }) => ...)`, started by hand. */
function electronPair() {
  const end = () => {
    const emitter = new EventEmitter();
    const port = {
      peer: undefined as undefined | EventEmitter,
      closed: false,
      on: (type: string, listener: (event?: { data: unknown }) => void) =>
        void emitter.on(type, listener),
      postMessage(data: unknown) {
        if (port.closed) throw new Error('the port is closed');
        const copy = structuredClone(data);
        queueMicrotask(() => port.peer?.emit('message', { data: copy }));
      },
      start: () => undefined,
      close: () => {
        port.closed = true;
        emitter.emit('close');
        port.peer?.emit('close');
      },
      emitter,
    };
    return port;
  };
  const [a, b] = [end(), end()];
  a.peer = b.emitter;
  b.peer = a.emitter;
  return [a, b] as const;
}

describe('a message port with the shape of Electron', () => {
  it('carries calls, errors and streams, and its screens may call everything', async () => {
    const [tillEnd, pageEnd] = electronPair();
    servePort(rig.api, tillEnd, { kind: 'screen' });
    const client: TillClient = createORPCClient(new RPCLink({ port: pageEnd }));
    expect((await client.pos.identifications.create({ text: MEMBER_CARD })).outcome).toBe(
      'identified',
    );
    expect((await client.screen.lane.board()).members).toEqual([]);
    expect(
      await client.screen.devices.simulate({ deviceId: 'scanner-1', text: 'x' }).catch(readError),
    ).toMatchObject({ code: 'device-unknown' });
    for await (const event of await client.pos.events({ after: 0 })) {
      expect(event.seq).toBe(1);
      break;
    }
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(0);
  });

  it('is ended by a message that is no call, and an answer to a page that has left is dropped', async () => {
    const [tillEnd, pageEnd] = electronPair();
    servePort(rig.api, tillEnd, { kind: 'screen' });
    pageEnd.postMessage(JSON.stringify({ i: '1', p: { u: '/pos/status', b: {} } }));
    pageEnd.postMessage({ i: '1', t: 3, p: {} });
    await expect.poll(() => tillEnd.closed, WAIT).toBe(true);
    expect(rig.problems).toEqual([]);
  });
});

describe('a client over RPC', () => {
  it('gets no screen procedure and no unknown one, each in the one shape', async () => {
    const [tillEnd, pageEnd] = electronPair();
    servePort(rig.api, tillEnd, { kind: 'client', clientId: 'c', scopes: [...POS_SCOPES] });
    const client: TillClient = createORPCClient(new RPCLink({ port: pageEnd }));
    expect(await client.screen.staff.list().catch(readError)).toMatchObject({
      code: 'forbidden-scope',
      data: { needed: ['screen'] },
    });
    const unknown = client as unknown as { pos: { nothing: { here(): Promise<unknown> } } };
    expect(await unknown.pos.nothing.here().catch(readError)).toMatchObject({ code: 'not-found' });
  });
});

describe('what breaks inside', () => {
  it.each(['throws', 'off-contract'] as const)(
    'leaves as internal and nothing else when a use case %s',
    async (broken) => {
      rig.till.broken = broken;
      const [tillEnd, pageEnd] = electronPair();
      servePort(rig.api, tillEnd, { kind: 'screen' });
      const client: TillClient = createORPCClient(new RPCLink({ port: pageEnd }));
      const error = await client.pos.identifications.create({ text: MEMBER_CARD }).catch(readError);
      expect(error).toMatchObject({ code: 'internal' });
      expect(JSON.stringify(error)).not.toMatch(/13800001234|张三|perhaps/);
      expect(rig.problems).toHaveLength(1);
      expect(JSON.stringify(rig.problems)).not.toMatch(/13800001234|张三|perhaps/);
    },
  );
});

describe('a message of the RPC protocol', () => {
  it('is read whatever it is, and kept only where it is a call or the end of one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => {
        const message = readPeerMessage(data) as { i?: unknown } | undefined;
        if (message !== undefined) expect(typeof message.i).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a call', { i: '1', p: { u: '/pos/status', b: { json: 1 } } }, true],
    ['the end of a call', { i: '1', t: 4 }, true],
    ['a stream going in', { i: '1', t: 3, p: { e: 'message' } }, false],
    ['another method', { i: '1', p: { u: '/pos/status', m: 'GET' } }, false],
    ['another host', { i: '1', p: { u: 'http://evil.example/pos/status' } }, false],
    ['a long id', { i: 'x'.repeat(17), p: { u: '/pos/status' } }, false],
    ['a long address', { i: '1', p: { u: `/${'x'.repeat(200)}` } }, false],
  ])('%s is told from what we never send', (_name, message, kept) => {
    expect(readPeerMessage(JSON.stringify(message)) !== undefined).toBe(kept);
  });

  it('loses every header but the place to resume from', () => {
    const message = {
      i: '1',
      p: { u: '/pos/events', h: { 'content-type': 'text/event-stream', 'last-event-id': '5' } },
    };
    expect(readPeerMessage(JSON.stringify(message))).toEqual({
      i: '1',
      p: { u: '/pos/events', b: undefined, h: { 'last-event-id': '5' } },
    });
  });
});
