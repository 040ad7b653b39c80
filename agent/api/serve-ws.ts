import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Caller, Till } from '../app/till.ts';
import {
  err,
  type Failure,
  failure,
  ok,
  type Result,
  text,
  toErrorBody,
} from '../contract/index.ts';
import { callerName } from './context.ts';
import type { Api } from './create-api.ts';
import { type GuardPolicy, guardRequest, type Passed } from './guard.ts';
import { sendRawError } from './http-answer.ts';
import { requestFacts } from './request-facts.ts';
import { serveWire } from './serve-port.ts';
import { invalidField } from './wire-error.ts';

export const SOCKET_PATH = '/ws';

/** Why the till ends a WebSocket: the private range of RFC 6455 section 7.4.2, the numbers after HTTP's. */
export const CLOSE_CODES = {
  broken: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  slow: 4408,
  full: 4429,
  closing: 1001,
} as const;

const NO_HANDSHAKE = text('不是有效的 WebSocket 握手', 'is no valid WebSocket handshake');

/** Longest first message, in bytes. */
const FIRST_MESSAGE_MAX_BYTES = 1_024;

/**
 * The first message says who is there: a screen by its token, a paired program by its token, or a page that the till
 * has just opened by the one-time code of its address, which is exchanged for a token.
 */
export const firstMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('screen'), token: z.string().min(1).max(512) }),
  z.object({ kind: z.literal('client'), token: z.string().min(1).max(512) }),
  z.object({ kind: z.literal('link'), code: z.string().min(1).max(512) }),
  /** The page at the camera, by its token or by the code of its own address. */
  z.object({ kind: z.literal('capture'), token: z.string().min(1).max(512) }),
  z.object({ kind: z.literal('capture-link'), code: z.string().min(1).max(512) }),
]);
type FirstMessage = z.infer<typeof firstMessageSchema>;

interface Known {
  readonly caller: Caller;
  readonly stillValid: () => boolean;
  /** What the answer to the first message carries beside the welcome. */
  readonly welcome: { readonly token?: string; readonly expiresAt?: string };
}

/** Serves WebSockets at `/ws` of a server, behind the same guard as HTTP. */
export function attachSockets(
  api: Api,
  server: Server,
  policy: GuardPolicy,
): { close(): Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: api.limits.bodyMaxBytes,
    perMessageDeflate: false,
    clientTracking: true,
  });

  // A handshake that is none leaves in our shape, too.
  sockets.on('wsClientError', (_error, stream: Duplex) => {
    note(null, 'invalid-input');
    sendRawError(stream, invalidField('', NO_HANDSHAKE));
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // A stream that fails before it is a WebSocket has nobody else to take its error.
    stream.on('error', () => stream.destroy());
    const admitted = admitUpgrade(request);
    if (!admitted.ok) {
      note(null, admitted.error.code);
      return sendRawError(stream, toErrorBody(admitted.error));
    }
    sockets.handleUpgrade(request, stream, head, (socket) => welcome(socket, admitted.value));
  });

  function admitUpgrade(request: IncomingMessage): Result<Passed, Failure> {
    const guarded = guardRequest(requestFacts(request), policy);
    if (!guarded.ok) return guarded;
    if (guarded.value.path !== SOCKET_PATH) return err(failure('not-found'));
    if (sockets.clients.size >= api.limits.socketsMax)
      return err(failure('too-many-requests', undefined, { retryAfterSeconds: 5 }));
    return guarded;
  }

  function note(caller: Caller | null, outcome: 'ok' | Failure['code']): void {
    api.log.access({
      transport: 'ws',
      caller: callerName(caller),
      procedure: 'ws.open',
      scope: null,
      outcome,
    });
  }

  function welcome(socket: WebSocket, passed: Passed): void {
    socket.on('error', () => socket.terminate());
    const refuse = (f: Failure, code: number): void => {
      note(null, f.code);
      socket.send(JSON.stringify({ kind: 'refused', error: toErrorBody(f) }));
      socket.close(code, f.code);
    };
    const timer = setTimeout(
      () => refuse(failure('request-timeout'), CLOSE_CODES.slow),
      api.limits.firstMessageTimeoutMs,
    );
    socket.once('close', () => clearTimeout(timer));
    socket.once('message', (data: RawData, isBinary: boolean) => {
      clearTimeout(timer);
      // Nothing may follow before the welcome: whatever does is not ours.
      const early = (): void => socket.close(CLOSE_CODES.broken, 'invalid-input');
      socket.on('message', early);
      void introduce(isBinary ? undefined : firstMessage(data), passed).then((known) => {
        socket.off('message', early);
        if (socket.readyState !== socket.OPEN) return;
        if (!known.ok)
          return refuse(
            known.error,
            known.error.code === 'forbidden-origin'
              ? CLOSE_CODES.forbidden
              : CLOSE_CODES.unauthenticated,
          );
        note(known.value.caller, 'ok');
        socket.send(JSON.stringify({ kind: 'welcome', ...known.value.welcome }));
        serveSocket(socket, known.value);
      });
    });
  }

  async function introduce(
    message: FirstMessage | undefined,
    passed: Passed,
  ): Promise<Result<Known, Failure>> {
    if (message === undefined) return err(failure('invalid-input', 'kind'));
    if (message.kind !== 'client' && passed.pairedOrigin !== undefined)
      return err(failure('forbidden-origin'));
    switch (message.kind) {
      case 'client': {
        const { token } = message;
        const client = api.till.authenticate(token);
        if (client === undefined) return anonymousFailure();
        if (passed.pairedOrigin !== undefined && client.origin !== passed.pairedOrigin)
          return err(failure('forbidden-origin'));
        const caller: Caller = { kind: 'client', clientId: client.clientId, scopes: client.scopes };
        return ok({
          caller,
          stillValid: () => api.till.authenticate(token) !== undefined,
          welcome: {},
        });
      }
      case 'screen': {
        const { token } = message;
        return api.till.screenTokenValid(token) ? ok(screen(token, {})) : anonymousFailure();
      }
      case 'capture': {
        const { token } = message;
        return api.till.captureTokenValid(token) ? ok(capture(token, {})) : anonymousFailure();
      }
      case 'link':
        return opened(await api.till.openScreen(message.code), screen);
      case 'capture-link':
        return opened(await api.till.openCapture(message.code), capture);
    }
  }

  function opened(
    token: Awaited<ReturnType<Till['openScreen']>>,
    page: typeof screen,
  ): Result<Known, Failure> {
    if (token.ok) return ok(page(token.value.token, token.value));
    const rate = api.rate.anonymous();
    return rate.ok ? err(token.error) : rate;
  }

  /** Wrong tokens share one rate over all transports, so that guessing them is slow. */
  function anonymousFailure(): Result<never, Failure> {
    const rate = api.rate.anonymous();
    return rate.ok ? err(failure('unauthenticated')) : rate;
  }

  function screen(token: string, welcomeWith: Known['welcome']): Known {
    return {
      caller: { kind: 'screen' },
      stillValid: () => api.till.screenTokenValid(token),
      welcome: welcomeWith,
    };
  }

  function capture(token: string, welcomeWith: Known['welcome']): Known {
    return {
      caller: { kind: 'capture' },
      stillValid: () => api.till.captureTokenValid(token),
      welcome: welcomeWith,
    };
  }

  function serveSocket(socket: WebSocket, known: Known): void {
    serveWire(
      api,
      {
        send(text) {
          if (socket.readyState !== socket.OPEN) return;
          socket.send(text);
          // A reader that does not keep up is ended; it resumes its events by their numbers.
          if (socket.bufferedAmount > api.limits.socketBufferMaxBytes) socket.terminate();
        },
        onMessage: (receive) =>
          socket.on('message', (data: RawData, isBinary: boolean) =>
            receive(isBinary ? undefined : textOf(data)),
          ),
        onClose: (closed) => socket.on('close', closed),
        refuse: () => socket.close(CLOSE_CODES.broken, 'invalid-input'),
      },
      { transport: 'ws', caller: known.caller, stillValid: known.stillValid },
    );
  }

  return {
    close() {
      for (const socket of sockets.clients) socket.close(CLOSE_CODES.closing, 'closing');
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, api.limits.closeDeadlineMs);
      return new Promise((done) => {
        sockets.close(() => {
          clearTimeout(cut);
          done();
        });
      });
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

function firstMessage(data: RawData): FirstMessage | undefined {
  const json = textOf(data);
  if (json.length > FIRST_MESSAGE_MAX_BYTES) return undefined;
  try {
    return firstMessageSchema.safeParse(JSON.parse(json)).data;
  } catch {
    // Not JSON: the same as any other first message that says nothing.
    return undefined;
  }
}
