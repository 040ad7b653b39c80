import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GENESIS_HASH } from '../../../agent/contract/ledger.ts';
import type { TillPlace } from '../../../agent/contract/store.ts';
import type { Registration } from '../../../sync/client/ports.ts';
import { makeTillKey } from '../../../sync/client/till-key.ts';
import {
  createAuthority,
  defaultValidity,
  issueServerCertificate,
  type Validity,
} from '../../../sync/hq/keys/certificate.ts';
import { CHECK_FORM } from '../../../sync/protocol/check.ts';
import type { Cursor, StreamFrame } from '../../../sync/protocol/feed.ts';
import { HQ_ERRORS, type HqErrorCode, hqErrorBody } from '../../../sync/protocol/hq-error.ts';
import type { SessionReply, SessionRequest } from '../../../sync/protocol/session.ts';
import { keyIdOf, signDocument } from '../../../sync/protocol/signed-document.ts';
import { RECEIPT_SCHEMA, type Receipt, type UploadRequest } from '../../../sync/protocol/upload.ts';
import { PROTOCOL_VERSION } from '../../../sync/protocol/version.ts';
import { createFeedModel, type FeedModel } from './feed-model.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = (asked: Asked, reply: Reply) => void | Promise<void>;

export interface Reply {
  readonly raw: ServerResponse;
  json(body: unknown, status?: number, headers?: Readonly<Record<string, string>>): void;
  refuse(code: HqErrorCode, detail?: Readonly<Record<string, unknown>>): void;
  /** Any bytes under any content type. */
  send(status: number, form: string, body: string | Uint8Array): void;
  /** Begins a stream; frames or raw bytes follow. */
  stream(): {
    frame(frame: StreamFrame): void;
    write(bytes: string | Uint8Array): void;
    end(): void;
  };
}

/** A headquarters that answers by script: by the protocol where a test says nothing, else bytes exactly as it says. */
export interface ScriptedHq {
  readonly url: string;
  readonly ca: string | null;
  readonly feed: FeedModel;
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject };
  readonly asked: Asked[];
  /** Proof that the till has to show; as headquarters keeps it. */
  proof: string | undefined;
  sessionExpiresInMs: number;
  /** The newest that it speaks. */
  protocol: number;
  timeline: string;
  now: () => number;
  received: SessionReply['received'];
  /** Replaces the answer to a path; `undefined` = by the protocol again. */
  on(path: string, answer: Answer | undefined): void;
  count(path: string): number;
  /** Sends what was published, to every stream that is open. */
  publish(...rows: Parameters<FeedModel['publish']>): Cursor;
  beat(): void;
  /** Cuts every connection. */
  cut(): void;
  registration(overrides?: Partial<Registration>): Registration;
  receipt(fields?: Partial<Receipt>): unknown;
  close(): Promise<void>;
}

export interface ScriptedOptions {
  /** Absent = plain HTTP on loopback. */
  readonly tls?: { readonly validity?: Validity; readonly hosts?: readonly string[] };
  readonly feed?: FeedModel;
  readonly port?: number;
}

const PLACE = {
  tillId: 'till-1',
  store: {
    storeId: 'store-1',
    name: { 'zh-CN': '一号店', en: 'Store one' },
    storeTier: 'standard',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
  },
} as unknown as TillPlace;

export async function startScriptedHq(options: ScriptedOptions = {}): Promise<ScriptedHq> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signing = { keyId: keyIdOf(privateKey), privateKey };
  const feed = options.feed ?? createFeedModel();
  const answers = new Map<string, Answer>();
  const streams = new Set<{ at: Cursor; send: (frame: StreamFrame) => void }>();
  const tls = options.tls === undefined ? null : await certify(options.tls);
  const handler = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(request, response);
  const server =
    tls === null ? createHttp(handler) : createHttps({ cert: tls.cert, key: tls.key }, handler);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://hq');
    const bytes = Buffer.concat(chunks);
    const isBinary = request.headers['content-type'] === CHECK_FORM;
    const text = isBinary ? '' : bytes.toString('utf8');
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body: isBinary ? bytes : text === '' ? null : JSON.parse(text),
      headers: request.headers,
    };
    hq.asked.push(asked);
    const reply = createReply(response);
    await (answers.get(asked.path) ?? byProtocol)(asked, reply);
  }

  function createReply(raw: ServerResponse): Reply {
    const reply: Reply = {
      raw,
      json(body, status = 200, headers = {}) {
        raw.writeHead(status, { 'Content-Type': 'application/json', ...headers });
        raw.end(JSON.stringify(body));
      },
      refuse: (code, detail = {}) =>
        reply.json({ ...hqErrorBody({ code }), ...detail }, HQ_ERRORS[code].status),
      send(status, form, body) {
        raw.writeHead(status, { 'Content-Type': form });
        raw.end(body);
      },
      stream() {
        raw.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
        raw.flushHeaders();
        return {
          frame: (frame) => void raw.write(`${JSON.stringify(frame)}\n`),
          write: (bytes) => void raw.write(bytes),
          end: () => void raw.end(),
        };
      },
    };
    return reply;
  }

  function byProtocol(asked: Asked, reply: Reply): void {
    switch (asked.path) {
      case '/v1/challenges':
        return reply.json({ challenge: 'challenge-0123456789', at: instant() });
      case '/v1/sessions':
        return openSession(asked.body as SessionRequest, reply);
      case '/v1/stream':
        return openStream(asked, reply);
      case '/v1/feed': {
        const from = cursorOf(asked.query);
        return reply.json({ page: feed.pageAfter(from), head: feed.head(), at: instant() });
      }
      case '/v1/uploads': {
        const { items } = asked.body as UploadRequest;
        hq.received = { ...hq.received, outboxNo: items.at(-1)?.no ?? 0 };
        return reply.json({ receipt: hq.receipt(), joined: [] });
      }
      case '/v1/applied':
        return reply.json({});
      case '/v1/allowances':
        return reply.json({ granted: true, available: 100 });
      case '/v1/allowances/reconcile':
        return reply.json({ released: 0 });
      case '/v1/members/find':
        return reply.json({ rows: [], tooMany: false });
      default:
        return reply.refuse('not-found');
    }
  }

  function openSession({ proofs, nextProof, timeline }: SessionRequest, reply: Reply): void {
    const fits =
      hq.proof === undefined ||
      (timeline !== null && timeline !== hq.timeline) ||
      [...proofs, nextProof].includes(hq.proof);
    if (!fits) return reply.refuse('till-copied');
    hq.proof = nextProof;
    const session: SessionReply = {
      token: `token-${randomBytes(12).toString('hex')}`,
      expiresInMs: hq.sessionExpiresInMs,
      at: instant(),
      timeline: hq.timeline,
      protocol: hq.protocol,
      received: hq.received,
    };
    reply.json(session);
  }

  function openStream(asked: Asked, reply: Reply): void {
    const { frame } = reply.stream();
    const stream = { at: cursorOf(asked.query), send: frame };
    streams.add(stream);
    reply.raw.once('close', () => streams.delete(stream));
    sendPages(stream);
    frame({ t: 'beat', head: feed.head(), at: instant() });
  }

  function sendPages(stream: { at: Cursor; send: (frame: StreamFrame) => void }): void {
    for (let page = feed.pageAfter(stream.at); page !== null; page = feed.pageAfter(stream.at)) {
      stream.send({ t: 'page', page });
      stream.at = page.to;
    }
  }

  const instant = (): string => new Date(hq.now()).toISOString();
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve()),
  );
  const { port } = server.address() as AddressInfo;
  const hq: ScriptedHq = {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    ca: tls?.ca ?? null,
    feed,
    signing,
    asked: [],
    proof: undefined,
    sessionExpiresInMs: 15 * 60_000,
    protocol: PROTOCOL_VERSION,
    timeline: feed.timeline,
    now: () => Date.now(),
    received: { seq: 0, hash: GENESIS_HASH, outboxNo: 0, backedUpSeq: 0 },
    on(path, answer) {
      if (answer === undefined) answers.delete(path);
      else answers.set(path, answer);
    },
    count: (path) => hq.asked.filter((asked) => asked.path === path).length,
    publish(rows) {
      const to = feed.publish(rows);
      for (const stream of streams) sendPages(stream);
      return to;
    },
    beat() {
      for (const { send } of streams) send({ t: 'beat', head: feed.head(), at: instant() });
    },
    cut: () => server.closeAllConnections(),
    registration: (overrides = {}) => ({
      url: hq.url,
      ca: hq.ca,
      place: PLACE,
      privateKey: makeTillKey(randomBytes).export({ type: 'pkcs8', format: 'pem' }).toString(),
      trustedKeys: [
        {
          keyId: signing.keyId,
          publicKey: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }))
            .export({ format: 'der', type: 'spki' })
            .toString('base64'),
        },
      ],
      registeredAtMs: 0,
      ...overrides,
    }),
    receipt: (fields = {}) =>
      signDocument(
        RECEIPT_SCHEMA,
        {
          tillId: 'till-1',
          incarnation: 'incarnation-1',
          timeline: hq.timeline,
          ...hq.received,
          at: instant(),
          ...fields,
        },
        signing.keyId,
        signing.privateKey,
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hq;
}

function cursorOf(query: URLSearchParams): Cursor {
  return {
    timeline: query.get('timeline') ?? '',
    pos: Number(query.get('pos')),
    chain: query.get('chain') ?? '',
  };
}

async function certify({
  validity = defaultValidity(Date.now()),
  hosts = ['127.0.0.1'],
}: NonNullable<ScriptedOptions['tls']>): Promise<{ ca: string; cert: string; key: string }> {
  const authority = await createAuthority(defaultValidity(Date.now()), randomBytes);
  const { cert, key } = await issueServerCertificate(authority, hosts, validity, randomBytes);
  return { ca: authority.cert, cert, key };
}
