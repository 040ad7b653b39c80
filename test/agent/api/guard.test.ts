import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { API_LIMITS } from '../../../agent/api/limits.ts';
import { ERRORS, type ErrorCode, POS_SCOPES } from '../../../agent/contract/index.ts';
import { httpClient, rawConnection } from '../../support/http.ts';
import type { FakeTill } from './fake-till.ts';
import { MEMBER_CARD, PAIRING_CODE } from './fake-till.ts';
import { type ApiRig, serveFakeTill } from './rig.ts';

/** Long enough for a busy machine; nothing waits for it in vain. */
const WAIT = { timeout: 10_000 };

const PAIRED_ORIGIN = 'https://pos.example.cn';

let rig: ApiRig<FakeTill>;
let token: string;
const identify = { text: MEMBER_CARD };
const json = { 'content-type': 'application/json' };

async function begin(options?: Parameters<typeof serveFakeTill>[0]): Promise<void> {
  rig = await serveFakeTill(options);
  token = rig.till.pairDirectly([...POS_SCOPES]).token;
}

/** Sends one request byte by byte as written and gives the status and the code of the answer. */
async function raw(text: string): Promise<{ status: number; code: string; head: string }> {
  const connection = await rawConnection(rig.port);
  connection.write(text);
  return readAnswer(await connection.answer());
}

function readAnswer(answer: string): { status: number; code: string; head: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), code: codeOf(body), head };
}

function codeOf(body: string): string {
  return /"code":"([a-z-]+)"/.exec(body)?.[1] ?? '';
}

function requestText(options: {
  line?: string;
  host?: string;
  headers?: readonly string[];
  body?: string;
}): string {
  const {
    line = 'GET /v1/status HTTP/1.1',
    host = `127.0.0.1:${rig.port}`,
    headers = [],
    body = '',
  } = options;
  return `${[line, `Host: ${host}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

function expectRefused(answer: { status: number; code: string }, code: ErrorCode): void {
  expect(answer).toMatchObject({ status: ERRORS[code].status, code });
}

/** As the build names the two. */
const WASM_WORKERS = ['assets/capture-worker-Ab_-1234.js', 'assets/code-worker-Ab_-1234.js'];

describe('the guard in front of the local API: wrong token, foreign Origin, rebound Host', () => {
  beforeEach(() => begin());
  afterEach(() => rig.close());

  it('lets a paired program in with the exact host, its token and JSON', async () => {
    const answer = await httpClient(rig.address, token).request(
      'POST',
      '/v1/identifications',
      identify,
    );
    expect(answer.status).toBe(200);
    expect(answer.body.outcome).toBe('identified');
    expect(rig.access.at(-1)).toEqual({
      transport: 'http',
      caller: 'client:client-1',
      procedure: 'pos.identifications.create',
      scope: 'identify',
      outcome: 'ok',
    });
  });

  it('answers status and the API document to anybody on this machine', async () => {
    expect((await httpClient(rig.address).request('GET', '/v1/status')).body.name).toBe('tillside');
    expect((await httpClient(rig.address).request('GET', '/v1/openapi.json')).body.openapi).toMatch(
      /^3\.1/,
    );
  });

  describe.each([
    ['no token', {}],
    ['a wrong token', { authorization: `Bearer ${'w'.repeat(43)}` }],
    ['a token of another kind', { authorization: 'Basic dGlsbDp0aWxs' }],
  ])('with %s', (_name, headers) => {
    it('refuses every route but the open ones', async () => {
      const client = httpClient(rig.address);
      const answer = await client.request('POST', '/v1/identifications', identify, headers);
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
      expect((await client.request('GET', '/v1/nowhere', undefined, headers)).body.code).toBe(
        'unauthenticated',
      );
      expect(rig.till.asked.request).toBeUndefined();
    });
  });

  it('refuses a revoked client at once, open event streams included', async () => {
    const { clientId, token: revoked } = rig.till.pairDirectly([...POS_SCOPES]);
    const client = httpClient(rig.address, revoked);
    const stream = client.events('/v1/events?after=0', (events) =>
      events.some(({ event }) => event === 'error'),
    );
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(1);
    await rig.till.revokeClient(clientId);
    expect((await stream).at(-1)).toMatchObject({
      event: 'error',
      data: { code: 'unauthenticated' },
    });
    expect((await client.request('POST', '/v1/identifications', identify)).body.code).toBe(
      'unauthenticated',
    );
  });

  it('refuses a program that lacks the scope, and says which it needs', async () => {
    const { token: narrow } = rig.till.pairDirectly(['basket']);
    const answer = await httpClient(rig.address, narrow).request(
      'POST',
      '/v1/identifications',
      identify,
    );
    expect([answer.status, answer.body.code, answer.body.data]).toEqual([
      403,
      'forbidden-scope',
      { needed: ['identify'] },
    ]);
  });

  it.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost',
    'https://pos.example.cn.evil.example',
  ])('refuses the foreign origin %s even with a good token', async (origin) => {
    rig.till.pairDirectly([...POS_SCOPES], PAIRED_ORIGIN);
    expectRefused(
      await raw(requestText({ headers: [`Origin: ${origin}`, `Authorization: Bearer ${token}`] })),
      'forbidden-origin',
    );
  });

  it.each(['rebound.example', 'rebound.example:80', '127.0.0.1', '0.0.0.0', '127.0.0.1.', '[::1]'])(
    'refuses the rebound host %s',
    async (host) => {
      expectRefused(await raw(requestText({ host })), 'wrong-host');
    },
  );

  it('refuses the alias localhost unless it was asked for', async () => {
    expectRefused(await raw(requestText({ host: `localhost:${rig.port}` })), 'wrong-host');
    await rig.close();
    await begin({ http: { localhostAlias: true } });
    expect((await raw(requestText({ host: `localhost:${rig.port}` }))).status).toBe(200);
  });

  it('refuses two Host headers and an absolute address', async () => {
    expectRefused(
      await raw(requestText({ headers: [`Host: 127.0.0.1:${rig.port}`] })),
      'wrong-host',
    );
    expectRefused(
      await raw(requestText({ line: 'GET http://evil.example/v1/status HTTP/1.1' })),
      'not-found',
    );
  });

  it.each(['cross-site', 'same-site'])(
    'refuses fetch metadata %s from an unpaired page',
    async (site) => {
      expectRefused(await raw(requestText({ headers: [`Sec-Fetch-Site: ${site}`] })), 'cross-site');
    },
  );

  it.each(['same-origin', 'none'])('accepts fetch metadata %s', async (site) => {
    expect((await raw(requestText({ headers: [`Sec-Fetch-Site: ${site}`] }))).status).toBe(200);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
  ])('refuses the content type %s, which a page can send without asking', async (type) => {
    const body = JSON.stringify(identify);
    const answer = await raw(
      requestText({
        line: 'POST /v1/identifications HTTP/1.1',
        headers: [
          `Authorization: Bearer ${token}`,
          `Content-Type: ${type}`,
          `Content-Length: ${body.length}`,
        ],
        body,
      }),
    );
    expectRefused(answer, 'wrong-content-type');
  });

  it('refuses a compressed body, which could grow without limit', async () => {
    const answer = await httpClient(rig.address, token).request(
      'POST',
      '/v1/identifications',
      identify,
      { 'content-encoding': 'gzip' },
    );
    expect(answer.body).toMatchObject({ code: 'wrong-content-type', field: 'content-encoding' });
  });

  it.each([
    '/v1/status?token=abc',
    '/v1/events?access_token=abc&after=0',
    '/v1/commits/k-12345678?Key=abc',
  ])('refuses the token in the address %s', async (path) => {
    const answer = await httpClient(rig.address, token).request('GET', path);
    expect([answer.status, answer.body.code]).toEqual([400, 'token-in-url']);
  });

  it.each([
    ['GET', '/v1/identifications'],
    ['GET', '/v1/baskets/b1/evaluate'],
    ['GET', '/v1/evaluations/e1/commit'],
    ['GET', '/v1/returns'],
    ['POST', '/v1/events'],
    ['DELETE', '/v1/commits/k-12345678'],
  ])('refuses %s %s: nothing changes by another method than its own', async (method, path) => {
    const answer = await httpClient(rig.address, token).request(method, path, undefined, json);
    expect([answer.status, answer.body.code]).toEqual([405, 'wrong-method']);
    expect(answer.headers.get('allow')).toMatch(/GET|POST/);
  });

  it('refuses methods that do not exist here, and a body on a GET', async () => {
    expectRefused(await raw(requestText({ line: 'TRACE /v1/status HTTP/1.1' })), 'wrong-method');
    const headers = [
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Content-Length: 2',
    ];
    expectRefused(await raw(requestText({ headers, body: '{}' })), 'invalid-input');
  });

  it('refuses an expectation that it does not know, in its own shape', async () => {
    const answer = await raw(requestText({ headers: ['Expect: foo'] }));
    expectRefused(answer, 'invalid-input');
  });

  it('refuses bytes that are no HTTP, and headers without end, in its own shape', async () => {
    expectRefused(await raw('\x16\x03\x01 hello\r\n\r\n'), 'invalid-input');
    expectRefused(
      await raw(requestText({ headers: [`X-Long: ${'x'.repeat(20_000)}`] })),
      'invalid-input',
    );
  });
});

describe('a paired web POS', () => {
  beforeEach(() => begin());
  afterEach(() => rig.close());

  it('may call from exactly its origin, and only it is named in the answer', async () => {
    const { token: web } = rig.till.pairDirectly([...POS_SCOPES], PAIRED_ORIGIN);
    const headers = { origin: PAIRED_ORIGIN, 'sec-fetch-site': 'cross-site' };
    const preflight = await raw(
      requestText({
        line: 'OPTIONS /v1/identifications HTTP/1.1',
        headers: [`Origin: ${PAIRED_ORIGIN}`, 'Access-Control-Request-Method: POST'],
      }),
    );
    expect(preflight.status).toBe(204);
    expect(preflight.head).toContain(`Access-Control-Allow-Origin: ${PAIRED_ORIGIN}`);
    const body = JSON.stringify(identify);
    const answer = await raw(
      requestText({
        line: 'POST /v1/identifications HTTP/1.1',
        headers: [
          `Origin: ${headers.origin}`,
          'Sec-Fetch-Site: cross-site',
          `Authorization: Bearer ${web}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        ],
        body,
      }),
    );
    expect(answer.status).toBe(200);
    expect(answer.head).toContain(`Access-Control-Allow-Origin: ${PAIRED_ORIGIN}`);
    expect(answer.head).toMatch(/Vary: Origin/i);
    expect(answer.head).not.toMatch(/Allow-Private-Network|Allow-Credentials|Allow-Origin: \*/i);
  });

  it('cannot use the token of another program', async () => {
    rig.till.pairDirectly([...POS_SCOPES], PAIRED_ORIGIN);
    const headers = [`Origin: ${PAIRED_ORIGIN}`, `Authorization: Bearer ${token}`];
    expectRefused(
      await raw(requestText({ line: 'GET /v1/articles HTTP/1.1', headers })),
      'forbidden-origin',
    );
  });

  it('gets no preflight before it is paired', async () => {
    const answer = await raw(
      requestText({
        line: 'OPTIONS /v1/status HTTP/1.1',
        headers: ['Origin: https://evil.example'],
      }),
    );
    expectRefused(answer, 'forbidden-origin');
    expect(answer.head).not.toMatch(/Access-Control/i);
  });
});

describe('limits of the local API: oversized body, slow body, slow headers, too many calls', () => {
  afterEach(() => rig.close());

  it('refuses an oversized body that announces itself', async () => {
    await begin({ limits: { bodyMaxBytes: 1_000 } });
    const answer = await httpClient(rig.address, token).request('POST', '/v1/identifications', {
      text: 'x'.repeat(1_000),
    });
    expect([answer.status, answer.body.code, answer.body.data]).toEqual([
      413,
      'body-too-large',
      { maxBytes: 1_000 },
    ]);
  });

  it('refuses an oversized body that comes in chunks without a length', async () => {
    await begin({ limits: { bodyMaxBytes: 1_000 } });
    const headers = [
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    const chunk = `200\r\n${'x'.repeat(0x200)}\r\n`;
    expectRefused(
      await raw(
        requestText({
          line: 'POST /v1/identifications HTTP/1.1',
          headers,
          body: `${chunk}${chunk}`,
        }),
      ),
      'body-too-large',
    );
  });

  it('accepts a body of exactly the limit and refuses one byte more', async () => {
    await begin({ limits: { bodyMaxBytes: 200 } });
    const ofSize = (bytes: number): { text: string } => ({
      text: 'x'.repeat(bytes - JSON.stringify({ text: '' }).length),
    });
    const client = httpClient(rig.address, token);
    expect((await client.request('POST', '/v1/identifications', ofSize(200))).status).toBe(200);
    expect((await client.request('POST', '/v1/identifications', ofSize(201))).status).toBe(413);
  });

  it('has room for 10,000 lines in the body limit of a store', () => {
    const line = {
      lineId: 'line-00001',
      sku: '6901234567892',
      category: 'household/cleaning',
      qty: 10_000,
      unitPriceMinor: 1_000_000,
      attributes: ['green', 'frozen'],
    };
    expect(
      JSON.stringify({ currency: 'CNY', lines: Array.from({ length: 10_000 }, () => line) }).length,
    ).toBeLessThan(API_LIMITS.bodyMaxBytes);
  });

  it('gives up a slow body', async () => {
    await begin({ limits: { bodyTimeoutMs: 50 } });
    const headers = [
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Content-Length: 100',
    ];
    expectRefused(
      await raw(
        requestText({ line: 'POST /v1/identifications HTTP/1.1', headers, body: '{"text":' }),
      ),
      'request-timeout',
    );
  });

  it('gives up slow headers', async () => {
    await begin({ limits: { headersTimeoutMs: 50 } });
    expectRefused(await raw('GET /v1/status HTTP/1.1\r\nHost:'), 'request-timeout');
  });

  it('answers other callers while a slow body is awaited', async () => {
    await begin();
    const slow = await rawConnection(rig.port);
    slow.write(
      requestText({
        line: 'POST /v1/identifications HTTP/1.1',
        headers: [
          `Authorization: Bearer ${token}`,
          'Content-Type: application/json',
          'Content-Length: 100',
        ],
        body: '{',
      }),
    );
    expect((await httpClient(rig.address).request('GET', '/v1/status')).status).toBe(200);
    slow.close();
  });

  it('slows a caller at its rate down and says how long to wait', async () => {
    await begin({ limits: { callerPerSecond: 0.5, callerBurst: 3 }, monoMs: () => 0 });
    const client = httpClient(rig.address, token);
    for (let n = 0; n < 3; n += 1)
      expect((await client.request('GET', '/v1/articles')).status).toBe(200);
    const answer = await client.request('GET', '/v1/articles');
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
      429,
      'too-many-requests',
      '2',
    ]);
    // Another program's rate is its own.
    const other = rig.till.pairDirectly([...POS_SCOPES]).token;
    expect((await httpClient(rig.address, other).request('GET', '/v1/articles')).status).toBe(200);
  });

  it('limits the event streams of one caller', async () => {
    await begin({ limits: { callerStreamsMax: 1 } });
    const client = httpClient(rig.address, token);
    const first = client.events('/v1/events?after=0', (events) => events.length > 0);
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(1);
    const answer = await client.request('GET', '/v1/events?after=0');
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
      429,
      'too-many-requests',
      '1',
    ]);
    rig.till.emit({ kind: 'till', what: 'started' });
    await first;
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(0);
    const again = client.events('/v1/events?after=0', (events) => events.length > 0);
    expect(await again).toHaveLength(1);
  });

  it('makes guessing a pairing code slow: five tries, then the window is shut, then no answer but wait', async () => {
    await begin({ monoMs: () => 0 });
    rig.till.openWindow();
    const client = httpClient(rig.address);
    const codes: string[] = [];
    for (let n = 0; n < API_LIMITS.pairingBurst + 2; n += 1) {
      codes.push(
        (await client.request('POST', '/v1/pairings', { code: `00000${n % 10}`, name: 'guess' }))
          .body.code,
      );
    }
    expect(codes).toEqual([
      ...Array(5).fill('pairing-code-wrong'),
      ...Array(API_LIMITS.pairingBurst - 5).fill('pairing-closed'),
      ...Array(2).fill('too-many-requests'),
    ]);
    expect((await client.request('GET', '/v1/status')).status).toBe(200);
  });

  it('makes guessing a token slow without slowing the programs that have one', async () => {
    await begin({ limits: { anonymousBurst: 3, anonymousPerSecond: 1 }, monoMs: () => 0 });
    const guesser = httpClient(rig.address, 'w'.repeat(43));
    const codes: string[] = [];
    for (let n = 0; n < 5; n += 1)
      codes.push((await guesser.request('GET', '/v1/articles')).body.code);
    expect(codes).toEqual([
      ...Array(3).fill('unauthenticated'),
      ...Array(2).fill('too-many-requests'),
    ]);
    expect((await httpClient(rig.address, token).request('GET', '/v1/articles')).status).toBe(200);
  });

  it('pairs with the right code and then knows the program', async () => {
    await begin();
    rig.till.openWindow();
    const paired = await httpClient(rig.address).request('POST', '/v1/pairings', {
      code: PAIRING_CODE,
      name: 'Register 1',
    });
    expect(paired.body.scopes).toEqual(POS_SCOPES);
    const answer = await httpClient(rig.address, paired.body.token).request(
      'POST',
      '/v1/identifications',
      identify,
    );
    expect(answer.body.outcome).toBe('identified');
  });
});

describe('WebSocket upgrades', () => {
  beforeEach(() => begin({ limits: { socketsMax: 2 } }));
  afterEach(() => rig.close());

  function upgrade(headers: readonly string[], host?: string, path = '/ws') {
    const base = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const text = requestText({
      line: `GET ${path} HTTP/1.1`,
      ...(host === undefined ? {} : { host }),
      headers: [...base, ...headers],
    });
    return raw(text.replace('Connection: close\r\n', ''));
  }

  it('are refused from a foreign origin, a rebound host, another path and with a token in the address', async () => {
    expectRefused(await upgrade(['Origin: https://evil.example']), 'forbidden-origin');
    expectRefused(await upgrade([], 'rebound.example'), 'wrong-host');
    expectRefused(await upgrade(['Sec-Fetch-Site: same-site']), 'cross-site');
    expectRefused(await upgrade([], undefined, '/v1/events'), 'not-found');
    expectRefused(await upgrade([], undefined, '/ws?token=abc'), 'token-in-url');
  });

  it('that are no handshake are refused in the one error shape', async () => {
    const broken = requestText({
      line: 'GET /ws HTTP/1.1',
      headers: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: short'],
    }).replace('Connection: close', 'Connection: Upgrade');
    const answer = await raw(broken);
    expectRefused(answer, 'invalid-input');
    expect(answer.head).toContain('application/json');
  });

  /** Opens a socket, sends the messages and gives every reply and the code it was closed with. */
  function talk(
    messages: readonly string[],
    options: { origin?: string } = {},
  ): Promise<{ replies: string[]; code: number }> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/ws`, options);
      const replies: string[] = [];
      socket.on('open', () => {
        for (const message of messages) socket.send(message);
      });
      socket.on('message', (data) => replies.push(String(data)));
      socket.on('close', (code) => resolve({ replies, code }));
      socket.on('error', reject);
    });
  }

  it('are ended when the first message does not come', async () => {
    await rig.close();
    await begin({ limits: { firstMessageTimeoutMs: 50 } });
    const { replies, code } = await talk([]);
    expect(code).toBe(4408);
    expect(codeOf(replies[0] ?? '')).toBe('request-timeout');
  });

  it.each([
    ['a wrong screen token', { kind: 'screen', token: 'wrong' }, 4401, 'unauthenticated'],
    ['a wrong client token', { kind: 'client', token: 'wrong' }, 4401, 'unauthenticated'],
    ['a used link code', { kind: 'link', code: 'wrong' }, 4401, 'ui-code-wrong'],
    ['an unknown kind', { kind: 'root' }, 4401, 'invalid-input'],
  ] as const)('are ended after %s', async (_name, message, close, error) => {
    const { replies, code } = await talk([JSON.stringify(message)]);
    expect([code, codeOf(replies[0] ?? '')]).toEqual([close, error]);
  });

  it("give the till's screens to no paired page but only to their own origin", async () => {
    rig.till.pairDirectly([...POS_SCOPES], PAIRED_ORIGIN);
    const message = JSON.stringify({ kind: 'screen', token: rig.till.screenToken() });
    const { replies, code } = await talk([message], { origin: PAIRED_ORIGIN });
    expect([code, codeOf(replies[0] ?? '')]).toEqual([4403, 'forbidden-origin']);
  });

  it('exchange a one-time code once', async () => {
    const code = rig.till.issueScreenCode();
    const first = new WebSocket(`ws://127.0.0.1:${rig.port}/ws`, { origin: rig.address });
    await new Promise((open) => first.on('open', open));
    const reply = new Promise<string>((got) => first.once('message', (data) => got(String(data))));
    first.send(JSON.stringify({ kind: 'link', code }));
    expect(JSON.parse(await reply)).toMatchObject({
      kind: 'welcome',
      token: expect.stringContaining('screen-token'),
    });
    expect(codeOf((await talk([JSON.stringify({ kind: 'link', code })])).replies[0] ?? '')).toBe(
      'ui-code-wrong',
    );
    first.close();
  });

  it('are ended after a message that is no call of ours', async () => {
    const hello = JSON.stringify({ kind: 'screen', token: rig.till.screenToken() });
    for (const message of [
      'not json',
      '[]',
      JSON.stringify({ i: '0', p: { u: 'http://evil/', b: {} } }),
      JSON.stringify({ i: '0', t: 3, p: {} }),
    ]) {
      const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/ws`);
      const closed = new Promise<number>((done) => socket.on('close', done));
      socket.on('open', () => socket.send(hello));
      socket.once('message', () => socket.send(message));
      expect(await closed).toBe(4400);
    }
  });

  it('are ended after a message above the body limit', async () => {
    const { code } = await talk(['x'.repeat(API_LIMITS.bodyMaxBytes + 1)]);
    expect(code).toBe(1009);
  });

  it('are limited in number', async () => {
    const open = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${rig.port}/ws`));
    await Promise.all(open.map((socket) => new Promise((opened) => socket.on('open', opened))));
    expectRefused(await upgrade([]), 'too-many-requests');
    for (const socket of open) socket.terminate();
  });
});

describe('the pages of the till', () => {
  let folder: string;

  beforeAll(async () => {
    const base = await mkdtemp(join(tmpdir(), 'tillside-static-'));
    folder = join(base, 'ui');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(base, 'secret.json'), '{"secret":true}');
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>till</title>');
    await writeFile(join(folder, 'assets', 'app-abcdef12.js'), 'export {};');
    for (const worker of WASM_WORKERS) await writeFile(join(folder, worker), 'export {};');
    await writeFile(join(folder, 'notes.exe'), 'x');
    await symlink(join(base, 'secret.json'), join(folder, 'link.json'));
    return () => rm(base, { recursive: true });
  });
  beforeEach(() =>
    begin({ http: { uiFolder: folder, documents: { '/demo.json': { codes: [] } } } }),
  );
  afterEach(() => rig.close());

  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%5c..%5csecret.json',
    '//etc/passwd',
    '/%00',
    '/%zz',
    '/link.json',
    '/notes.exe',
    '/missing.js',
    '/V1/status',
    '/%761/status',
    '/%56%31/status',
    '/v1%2Fstatus',
    '/V1',
  ])('are not left through %s', async (path) => {
    const answer = await raw(requestText({ line: `GET ${path} HTTP/1.1` }));
    expectRefused(answer, 'not-found');
  });

  it('come with a strict policy: no frames, no foreign sources, no sniffing, no referrer', async () => {
    const { head, status } = await raw(requestText({ line: 'GET /manager HTTP/1.1' }));
    expect(status).toBe(200);
    expect(head).toContain("default-src 'self'");
    expect(head).toContain(`connect-src 'self' ws://127.0.0.1:${rig.port}`);
    expect(head).toContain("frame-ancestors 'none'");
    expect(head).not.toContain("script-src 'self' 'unsafe-inline'");
    // The camera reads codes, in a worker of the till's own files; nothing else of the machine is a page's.
    expect(head).toMatch(/Permissions-Policy: camera=\(self\), microphone=\(\)/);
    expect(head).toContain("worker-src 'self'");
    expect(head).toMatch(/X-Content-Type-Options: nosniff/);
    expect(head).toMatch(/Referrer-Policy: no-referrer/);
    expect(head).toMatch(/Cache-Control: no-cache/);
  });

  it.each([
    '/',
    '/capture.html',
    '/customer',
    '/assets/app-abcdef12.js',
    '/?x=/assets/code-worker-abcdef12.js',
    '/missing/assets/code-worker-abcdef12.js',
  ])('run no WebAssembly: %s', async (path) => {
    const { head } = await raw(requestText({ line: `GET ${path} HTTP/1.1` }));
    expect(head).toMatch(/script-src 'self';/);
    expect(head).not.toContain('wasm-unsafe-eval');
  });

  it.each(WASM_WORKERS)('leave WebAssembly to the worker %s', async (worker) => {
    const { head, status } = await raw(requestText({ line: `GET /${worker} HTTP/1.1` }));
    expect(status).toBe(200);
    expect(head).toContain("script-src 'self' 'wasm-unsafe-eval';");
  });

  it('cache hashed assets for good and pages never', async () => {
    expect((await raw(requestText({ line: 'GET /assets/app-abcdef12.js HTTP/1.1' }))).head).toMatch(
      /Cache-Control: public, max-age=31536000, immutable/,
    );
  });

  it('serve the documents they were given, and take no POST', async () => {
    expect((await httpClient(rig.address).request('GET', '/demo.json')).body).toEqual({
      codes: [],
    });
    expect((await httpClient(rig.address).request('POST', '/', {})).body.code).toBe('wrong-method');
  });
});

describe('the server', () => {
  it('says which port is in use and what to do', async () => {
    await begin();
    await expect(serveFakeTill({ http: { port: rig.port } })).rejects.toThrow(
      `Port ${rig.port} of 127.0.0.1 is taken by another program`,
    );
    await rig.close();
  });

  it('closes though event streams and half-sent requests are open', async () => {
    await begin();
    const events = httpClient(rig.address, token).events('/v1/events?after=0', () => false);
    const half = await rawConnection(rig.port);
    half.write('POST /v1/identifications HTTP/1.1\r\n');
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(1);
    await rig.close();
    expect(await events).toEqual([]);
    await half.answer();
    expect(rig.till.readersOpen()).toBe(0);
  });

  it('never writes a token, a body or an address with values into its log', async () => {
    await begin();
    const client = httpClient(rig.address, token);
    await client.request('POST', '/v1/identifications', { phoneDigits: '13800001234' });
    await client.request('GET', '/v1/articles?query=secret-search');
    await client.request('GET', '/v1/members/member-77');
    rig.till.broken = 'throws';
    await client.request('POST', '/v1/identifications', identify);
    const log = JSON.stringify([rig.access, rig.problems]);
    for (const secret of [token, '13800001234', '张三', 'secret-search', 'member-77', MEMBER_CARD])
      expect(log).not.toContain(secret);
    expect(rig.problems).toHaveLength(1);
    await rig.close();
  });
});
