import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ROUTES } from '../../../agent/api/routes.ts';
import { PROCEDURES } from '../../../agent/api/scopes.ts';
import { type AnyPort, servePort } from '../../../agent/api/serve-port.ts';
import type { Caller } from '../../../agent/app/till.ts';
import {
  type CaptureMessage,
  type captureContract,
  type FaceSessionId,
  SEALED_FRAME_MAX_BYTES,
  SESSION_MAX_FRAMES,
} from '../../../agent/contract/index.ts';
import { createFrameSealer } from '../../../ui/app/face-capture/seal-frames.ts';
import { createTillLink, readError, type TillClient } from '../../../ui/app/link.ts';
import type { LinkSocket } from '../../../ui/app/link-environment.ts';
import { type FaceRig, openFaceTill, PASSED, three } from '../app/faces/face-rig.ts';
import { ANNA, POS, SCREEN, value } from '../app/rig.ts';
import { type ApiRig, serveTill } from './rig.ts';

const CAPTURE: Caller = { kind: 'capture' };
const CALLS: Readonly<
  Record<keyof typeof captureContract, (client: TillClient) => Promise<unknown>>
> = {
  wanted: ({ capture }) => capture.wanted({}),
  open: ({ capture }) => capture.open({ sessionId: 'session-1' as FaceSessionId }),
  send: ({ capture }) => capture.send(message()),
};

function message(more: Partial<CaptureMessage> = {}): CaptureMessage {
  return { sessionId: 'session-1' as FaceSessionId, no: 0, enc: 'AAAA', sealed: 'AAAA', ...more };
}

interface Served extends ApiRig<FaceRig['till']> {
  readonly rig: FaceRig;
  over(caller: Caller): TillClient;
}

async function serve(): Promise<Served> {
  const rig = await openFaceTill();
  const served = await serveTill(rig.till);
  onTestFinished(() => served.close());
  return {
    ...served,
    rig,
    over(caller) {
      const { port1, port2 } = new MessageChannel();
      servePort(served.api, port1 as unknown as AnyPort, caller);
      port2.start();
      onTestFinished(() => port2.close());
      return createORPCClient(new RPCLink({ port: port2 as unknown as MessagePort }));
    },
  };
}

/** A page that introduces itself over a WebSocket: its client and the welcome, or the refusal. */
async function socketOf(
  { address }: Served,
  introduction: object,
): Promise<{
  client: TillClient;
  reply: { kind: string; token?: string; error?: { code: string } };
}> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { origin: address });
  onTestFinished(() => socket.close());
  await new Promise((open) => socket.once('open', open));
  const reply = new Promise<string>((heard) =>
    socket.once('message', (data) => heard(String(data))),
  );
  socket.send(JSON.stringify(introduction));
  const said = JSON.parse(await reply);
  const link = new SocketLink({ websocket: socket as unknown as globalThis.WebSocket });
  return { client: createORPCClient(link), reply: said };
}

const codeOf = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer;
    return 'ok';
  } catch (error) {
    return readError(error).code;
  }
};

describe('the page at the camera', () => {
  it('alone may ask what is the camera’s: a descriptor posted by a page without the capture scope is refused', async () => {
    const served = await serve();
    for (const caller of [SCREEN, POS, { ...POS, scopes: ['manager', 'fleet'] } as Caller])
      for (const [name, call] of Object.entries(CALLS))
        expect([name, await codeOf(call(served.over(caller)))]).toEqual([name, 'forbidden-scope']);
    expect(served.access.at(-1)).toMatchObject({ procedure: 'capture.send', scope: null });
    const capture = served.over(CAPTURE);
    expect(await codeOf(CALLS.wanted(capture))).toBe('ok');
    expect(await codeOf(CALLS.open(capture))).toBe('face-session-unknown');
    expect(await codeOf(CALLS.send(capture))).toBe('face-session-unknown');
    expect(served.access.at(-1)).toMatchObject({ caller: 'capture', scope: 'capture' });
  });

  it('may ask nothing else but what anybody may', async () => {
    const served = await serve();
    const client = served.over(CAPTURE);
    const refused = [
      client.screen.faces.watch({}),
      client.screen.faces.start({ purpose: 'identify', by: 'customer' }),
      client.screen.staff.list(),
      client.pos.identifications.create({ phoneDigits: '1234' }),
      client.pos.members.get({ id: ANNA }),
      client.pos.articles.search({}),
    ];
    for (const call of refused) expect(await codeOf(call)).toBe('forbidden-scope');
    expect((await client.pos.status()).name).toBe('tillside');
  });

  it('is not on the POS API: neither sessions nor frames have an HTTP address', async () => {
    const named = [...Object.keys(PROCEDURES), ...ROUTES.map(({ path }) => path)];
    expect(named.filter((name) => /face|capture/.test(name))).toEqual([]);
    const { address } = await serve();
    for (const path of ['/v1/capture/send', '/v1/screen/faces/start'])
      expect((await fetch(`${address}${path}`)).ok).toBe(false);
  });

  it('opens in a browser by a code of its own, once, and comes back by its token', async () => {
    const served = await serve();
    const { code } = await served.over(SCREEN).screen.faces.link();
    const first = await socketOf(served, { kind: 'capture-link', code });
    expect(first.reply.kind).toBe('welcome');
    expect((await first.client.capture.wanted({})).session).toBeNull();
    const again = await socketOf(served, { kind: 'capture-link', code });
    expect(again.reply).toMatchObject({ kind: 'refused', error: { code: 'ui-code-wrong' } });
    const back = await socketOf(served, { kind: 'capture', token: first.reply.token });
    expect((await back.client.capture.wanted({})).session).toBeNull();
    expect(await codeOf(back.client.screen.staff.list())).toBe('forbidden-scope');
  });

  it('links itself as any page of the till does, with a token of its own', async () => {
    const served = await serve();
    const kept = new Map<string, string>();
    let code: string | undefined = served.till.issueCaptureCode();
    const link = createTillLink({
      page: 'capture',
      openSocket: () => {
        const address = `${served.address.replace('http', 'ws')}/ws`;
        return new WebSocket(address, { origin: served.address }) as unknown as LinkSocket;
      },
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, text) => void kept.set(key, text),
        removeItem: (key) => void kept.delete(key),
      },
      code: () => code,
      forgetCode: () => (code = undefined),
      random: () => 0.5,
      epochMs: () => 0,
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    });
    onTestFinished(() => link.close());
    await expect.poll(() => link.state().phase).toBe('open');
    expect((await link.client.capture.wanted({})).session).toBeNull();
    expect([...kept.keys()]).toEqual(['tillside.capture-token']);
    expect(await codeOf(link.client.screen.staff.list())).toBe('forbidden-scope');
  });

  it('is another page than the screens: neither code nor token of one opens the other', async () => {
    const served = await serve();
    const screenCode = served.till.issueScreenCode();
    const asCapture = await socketOf(served, { kind: 'capture-link', code: screenCode });
    expect(asCapture.reply.kind).toBe('refused');
    const captureCode = served.till.issueCaptureCode();
    const asScreen = await socketOf(served, { kind: 'link', code: captureCode });
    expect(asScreen.reply.kind).toBe('refused');
    const screen = value(await served.till.openScreen(screenCode)).token;
    const capture = value(await served.till.openCapture(captureCode)).token;
    expect((await socketOf(served, { kind: 'capture', token: screen })).reply.kind).toBe('refused');
    expect((await socketOf(served, { kind: 'screen', token: capture })).reply.kind).toBe('refused');
  });

  it('recognises a member end to end over its own wire, nothing of the face in the access log', async () => {
    const served = await serve();
    const screen = served.over(SCREEN);
    const client = (
      await socketOf(served, { kind: 'capture-link', code: served.till.issueCaptureCode() })
    ).client;
    const waits = client.capture.wanted({ seen: null });
    const identificationId = await served.rig.claim(ANNA);
    const started = await screen.screen.faces.start({
      purpose: 'verify',
      by: 'customer',
      identificationId,
    });
    const { session } = await waits;
    if (session === null || started.outcome !== 'started') throw new Error('no session');
    const { publicKey } = await client.capture.open({ sessionId: session.sessionId });
    const sealer = await createFrameSealer(session.sessionId, publicKey);
    for (const frame of [PASSED, ...three(1)]) {
      const sent = await sealer.seal(frame);
      await client.capture.send(sent);
      expect(JSON.stringify(served.access)).not.toContain(sent.sealed.slice(0, 24));
    }
    expect(await screen.screen.faces.watch({})).toMatchObject({
      session: { outcome: 'recognised' },
    });
    expect(served.problems).toEqual([]);
  });

  it('is refused a message that is too large, and one that is none', async () => {
    const served = await serve();
    const { capture } = served.over(CAPTURE);
    const large = Buffer.alloc(SEALED_FRAME_MAX_BYTES + 3).toString('base64');
    expect(await codeOf(capture.send(message({ sealed: large })))).toBe('invalid-input');
    expect(await codeOf(capture.send(message({ sealed: 'not base64!' })))).toBe('invalid-input');
    expect(await codeOf(capture.send(message({ no: -1 })))).toBe('invalid-input');
    expect(await codeOf(capture.send(message({ no: SESSION_MAX_FRAMES })))).toBe(
      'face-session-unknown',
    );
  });
});
