import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import type { Api } from '../../agent/api/create-api.ts';
import { ROUTES } from '../../agent/api/routes.ts';
import { type AnyPort, servePort } from '../../agent/api/serve-port.ts';
import type { Caller } from '../../agent/app/till.ts';
import type { Scope, TillEvent } from '../../agent/contract/index.ts';
import { type LinkError, readError } from '../../ui/app/link.ts';
import { httpClient } from '../support/http.ts';

export type Reply =
  // biome-ignore lint/suspicious/noExplicitAny: one helper for every procedure; the cases state the shapes
  { readonly ok: true; readonly value: any } | { readonly ok: false; readonly error: LinkError };

/** One way of reaching a till, the same for every test case. */
export interface TransportUnderTest {
  /** Calls a procedure by its dotted name with the contract's input. */
  call(procedure: string, input?: unknown): Promise<Reply>;
  /** Reads events until there are `count`, then leaves. */
  events(after: number, count: number): Promise<TillEvent[]>;
  close(): void;
}

/** A served till and a paired program at it. */
export interface Served {
  readonly api: Api;
  readonly address: string;
  readonly clientId: string;
  readonly token: string;
  readonly scopes: readonly Scope[];
}

export const TRANSPORTS: readonly {
  readonly name: string;
  readonly open: (served: Served) => Promise<TransportUnderTest>;
}[] = [
  { name: 'MessagePort', open: openPort },
  { name: 'WebSocket', open: openSocket },
  { name: 'HTTP', open: openHttp },
];

async function openPort({ api, clientId, scopes }: Served): Promise<TransportUnderTest> {
  const { port1, port2 } = new MessageChannel();
  const caller: Caller = { kind: 'client', clientId, scopes };
  servePort(api, port1 as unknown as AnyPort, caller);
  port2.start();
  return overRpc(new PortLink({ port: port2 as unknown as MessagePort }), () => port2.close());
}

async function openSocket({ address, token }: Served): Promise<TransportUnderTest> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`);
  await new Promise((open, fail) => {
    socket.once('open', open);
    socket.once('error', fail);
  });
  const welcome = new Promise<string>((got) => socket.once('message', (data) => got(String(data))));
  socket.send(JSON.stringify({ kind: 'client', token }));
  if (JSON.parse(await welcome).kind !== 'welcome') throw new Error('not welcome');
  return overRpc(new SocketLink({ websocket: socket as unknown as globalThis.WebSocket }), () =>
    socket.terminate(),
  );
}

function overRpc(link: PortLink<Record<never, never>>, close: () => void): TransportUnderTest {
  const client: unknown = createORPCClient(link);
  const procedureOf = (name: string): ((input: unknown, options?: object) => Promise<unknown>) =>
    name.split('.').reduce((node, key) => (node as Record<string, unknown>)[key], client) as never;
  return {
    call: async (procedure, input) => {
      try {
        return { ok: true, value: await procedureOf(procedure)(input) };
      } catch (error) {
        return { ok: false, error: readError(error) };
      }
    },
    async events(after, count) {
      const found: TillEvent[] = [];
      for await (const event of (await procedureOf('pos.events')({
        after,
      })) as AsyncIterable<TillEvent>) {
        found.push(event);
        if (found.length >= count) break;
      }
      return found;
    },
    close,
  };
}

async function openHttp({ address, token }: Served): Promise<TransportUnderTest> {
  const client = httpClient(address, token);
  return {
    async call(procedure, input = {}) {
      const route = ROUTES.find((each) => each.procedure === procedure);
      if (route === undefined) throw new Error(`${procedure} has no HTTP route`);
      const { params, headers, body } = apart(input as Record<string, unknown>);
      const rest = { ...body };
      const path = route.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
        const value = params[name] ?? rest[name];
        delete rest[name];
        return encodeURIComponent(String(value));
      });
      const query =
        route.method === 'GET'
          ? new URLSearchParams(rest as Record<string, string>).toString()
          : '';
      const answer = await client.request(
        route.method,
        `/v1${path}${query === '' ? '' : `?${query}`}`,
        route.method === 'POST' ? rest : undefined,
        headers,
      );
      return answer.status === 200
        ? { ok: true, value: answer.body }
        : { ok: false, error: answer.body };
    },
    async events(after, count) {
      const events = await client.events(
        `/v1/events?after=${after}`,
        (found) => found.length >= count,
      );
      return events.slice(0, count).map(({ data }) => data as TillEvent);
    },
    close: () => undefined,
  };
}

/** Inputs of commit and void come as params, headers and body; the others as one object. */
function apart(input: Record<string, unknown>) {
  const { params, headers, body } = input as {
    params?: Record<string, unknown>;
    headers?: Record<string, string>;
    body?: Record<string, unknown>;
  };
  const isDetailed = params !== undefined && headers !== undefined;
  return isDetailed
    ? { params, headers, body: body ?? {} }
    : { params: {} as Record<string, unknown>, headers: {}, body: input };
}
