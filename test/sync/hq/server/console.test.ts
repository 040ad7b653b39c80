import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  CONSOLE_CODE_TTL_MS,
  CONSOLE_TOKEN_TTL_MS,
} from '../../../../sync/hq/tills/access-tokens.ts';
import { CONSOLE_CODE_PATH } from '../../../../sync/protocol/hq-api.ts';
import { askHq, HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../../../support/hq.ts';

describe('the console of headquarters', () => {
  let hq: TestHq;
  let folder: string;
  let aheadMs = 0;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-console-'));
    mkdirSync(join(folder, 'ui/assets'), { recursive: true });
    writeFileSync(join(folder, 'ui/index.html'), '<title>console</title>');
    writeFileSync(join(folder, 'ui/assets/main-AbCdEf12.js'), '//');
    writeFileSync(join(folder, 'ui/.secret'), 'secret');
    writeFileSync(join(folder, 'outside.txt'), 'secret');
    hq = await startTestHq({
      consoleFolder: join(folder, 'ui'),
      nowMs: () => Date.now() + aheadMs,
    });
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await hq.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    aheadMs = 0;
  });

  const codeOf = (link: string): string => new URL(link).hash.replace('#code=', '');
  const redeem = (code: string, headers: Record<string, string> = {}) =>
    askHq(hq, CONSOLE_CODE_PATH, { body: { code }, headers });
  const overview = (token: string) => askHq(hq, '/v1/admin/overview', { token });

  test('a link opens it once, for half a day', async () => {
    const code = codeOf(await hq.consoleLink());
    const opened = await redeem(code, { origin: hq.url, 'sec-fetch-site': 'same-origin' });
    expect(opened.status).toBe(200);
    const { token, expiresAt } = opened.body;
    expect((await overview(token)).status).toBe(200);
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + CONSOLE_TOKEN_TTL_MS);
    expect(await redeem(code)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    aheadMs = CONSOLE_TOKEN_TTL_MS + 1_000;
    expect((await overview(token)).status).toBe(401);
  });

  test('a link that nobody used in time opens nothing', async () => {
    const code = codeOf(await hq.consoleLink());
    aheadMs = CONSOLE_CODE_TTL_MS + 1_000;
    expect((await redeem(code)).status).toBe(401);
  });

  test('a page of another place cannot use a link', async () => {
    const code = codeOf(await hq.consoleLink());
    expect((await redeem(code, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await redeem(code)).status).toBe(200);
  });

  test('IT gets a further link from HQ itself', async () => {
    const { body } = await askHq(hq, '/v1/admin/console-links', {
      token: await hq.token(),
      body: {},
    });
    expect((await redeem(codeOf(body.link))).status).toBe(200);
  });

  test('the pages are served with the policy that keeps foreign scripts out', async () => {
    const page = await askHq(hq, '/');
    expect(page).toMatchObject({ status: 200 });
    expect(page.bytes.toString()).toContain('<title>console</title>');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['cache-control']).toBe('no-cache');
    const asset = await askHq(hq, '/assets/main-AbCdEf12.js');
    expect(asset.headers['cache-control']).toContain('immutable');
    const followed = await askHq(hq, '/', {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    });
    expect(followed.status).toBe(200);
  });

  test.each([
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/.secret',
    '/assets/..%2f..%2foutside.txt',
  ])('nothing outside the pages is served: %s', async (path) => {
    const { status, bytes } = await askHq(hq, path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(bytes.toString()).not.toContain('secret');
  });
});
