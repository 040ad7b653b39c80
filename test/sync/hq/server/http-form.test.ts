import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHqServer } from '../../../../sync/hq/server/create-server.ts';
import { createHqMetrics } from '../../../../sync/hq/server/metrics.ts';
import { askHq, HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../../../support/hq.ts';
import { quietLog, withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');

describe('what headquarters answers', () => {
  let hq: TestHq;
  beforeAll(async () => {
    hq = await startTestHq();
  }, HQ_START_LIMIT_MS);
  afterAll(() => hq.close());

  test.each([
    ['an address that is none', 'GET', '/v1/nothing', 404, 'not-found'],
    ['another method', 'DELETE', '/v1/challenges', 404, 'not-found'],
    ['a method without a body where one belongs', 'GET', '/v1/challenges', 404, 'not-found'],
    ['an address with broken escapes', 'GET', '/v1/%E0%A4%A', 404, 'not-found'],
    ['an endless address', 'GET', `/v1/feed?x=${'y'.repeat(4_000)}`, 404, 'not-found'],
  ])('%s: in its own form', async (_what, method, path, status, code) => {
    const answer = await askHq(hq, path, { method });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      code,
      message: { 'zh-CN': expect.any(String), en: expect.any(String) },
      hint: { 'zh-CN': expect.any(String), en: expect.any(String) },
    });
  });

  test.each([
    ['broken JSON', '{"tillId":', 'application/json'],
    ['an empty body', '', 'application/json'],
    ['a form', 'tillId=t1', 'application/x-www-form-urlencoded'],
    ['a text', '{"tillId":"t1"}', 'text/plain'],
    ['JSON that reaches for prototypes', '{"__proto__":{"x":1},"tillId":"t1"}', 'application/json'],
  ])('%s is refused by name', async (_what, body, contentType) => {
    const answer = await askHq(hq, '/v1/challenges', {
      body,
      headers: { 'content-type': contentType },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect(answer.body.field).toMatch(/body|Content-Type|tillId/);
  });

  test('a refusal names the field and why, and quotes nothing of what was sent', async () => {
    const answer = await askHq(hq, '/v1/challenges', { body: { tillId: '张三 13800138000' } });
    expect(answer.body).toMatchObject({ code: 'invalid-input', field: 'tillId' });
    expect(answer.body.problem).not.toBe('');
    expect(answer.bytes.toString()).not.toContain('13800138000');
  });

  test('a list in place of an object is refused', async () => {
    const answer = await askHq(hq, '/v1/challenges', { body: [1] });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
  });

  test('bytes that are no HTTP get the same form and a closed connection', async () => {
    const socket = connect({ port: hq.port, host: '127.0.0.1', ca: hq.ca ?? '' });
    await once(socket, 'secureConnect');
    socket.write('GARBAGE\r\n\r\n');
    let heard = '';
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
    });
    await once(socket, 'close');
    expect(heard).toMatch(/^HTTP\/1.1 400/);
    expect(JSON.parse(heard.split('\r\n\r\n')[1] ?? '').code).toBe('invalid-input');
  });

  test('speaks TLS 1.3 and 1.2, and nothing older', async () => {
    const speak = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => {
      const socket = connect({
        port: hq.port,
        host: '127.0.0.1',
        ca: hq.ca ?? '',
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      const done = await new Promise((resolve) => {
        socket.once('secureConnect', () => resolve(socket.getProtocol()));
        socket.once('error', () => resolve('refused'));
      });
      socket.destroy();
      return done;
    };
    expect(await speak('TLSv1.3')).toBe('TLSv1.3');
    expect(await speak('TLSv1.2')).toBe('TLSv1.2');
    expect(await speak('TLSv1.1')).toBe('refused');
  });

  test('every answer has the headers that keep pages in their place', async () => {
    const { headers } = await askHq(hq, '/healthz');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('server');
  });

  test('a page of another place is refused, and our own and programs are not', async () => {
    const ask = (headers: Record<string, string>) =>
      askHq(hq, '/v1/challenges', { body: { tillId: 't1' }, headers });
    expect((await ask({})).status).toBe(200);
    expect((await ask({ origin: hq.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: hq.url.replace('https', 'http') },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[])
      expect(await ask(headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('headquarters in trouble', () => {
  test('an error that nobody expected shows nothing of its inside', async () => {
    const hq = await startTestHq({ db: await databases.fresh() });
    await hq.deps.db.script('DROP TABLE documents');
    const answer = await askHq(hq, '/v1/admin/overview', { token: await hq.token() });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(answer.bytes.toString()).not.toMatch(/documents|relation|\.ts|select/i);
    const line = hq.logged.find(({ message }) => message === 'call broke');
    expect(line?.fields).toMatchObject({ call: 'overview', code: '42P01' });
    expect(JSON.stringify(hq.logged)).not.toMatch(/select|relation|at .*\(.*\)/i);
    await hq.close();
  });

  test('is busy above its number of calls at a time, and says when to come again', async () => {
    const db = await databases.fresh();
    const hq = await startTestHq({ db });
    const metrics = createHqMetrics();
    const server = createHqServer({
      deps: { ...hq.deps, log: quietLog },
      metrics,
      tls: null,
      callsMax: 1,
    });
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    server.get('/held', async () => {
      begun.resolve();
      await held.promise;
      return {};
    });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const first = askHq({ url, ca: null }, '/held');
    await begun.promise;
    const second = await askHq({ url, ca: null }, '/held');
    expect(second).toMatchObject({ status: 503, body: { code: 'busy' } });
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    held.resolve();
    expect((await first).status).toBe(200);
    expect((await askHq({ url, ca: null }, '/held')).status).toBe(200);
    await server.close();
    await hq.close();
  });
});
