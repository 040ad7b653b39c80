import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';

const SCRIPT = 'assets/index-DrR0UXOb.js';
const SCRIPT_TEXT = '// a script that is worth compressing\n'.repeat(100);

let hq: TestHq;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-built-pages-'));
  for (const page of ['console', 'pass']) {
    mkdirSync(join(folder, page, 'assets'), { recursive: true });
    writeFileSync(join(folder, page, 'index.html'), `the page of ${page}`);
    writeFileSync(join(folder, page, 'touch-iconlarge.svg'), '<svg/>');
    writeFileSync(join(folder, page, '.hidden'), 'secret');
    writeFileSync(join(folder, page, SCRIPT), SCRIPT_TEXT);
    writeFileSync(join(folder, page, `${SCRIPT}.br`), brotliCompressSync(SCRIPT_TEXT));
    writeFileSync(join(folder, page, `${SCRIPT}.gz`), gzipSync(SCRIPT_TEXT));
  }
  writeFileSync(join(folder, 'outside.txt'), 'secret');
  hq = await startTestHq({
    consoleFolder: join(folder, 'console'),
    passFolder: join(folder, 'pass'),
  });
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await hq.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['console', '/'],
  ['pass', '/pass/'],
])('the built page of the %s', (page, prefix) => {
  test('is the page of the installed release, though its file is as long and as old as the one before', async () => {
    const first = await askHq(hq, prefix);
    const file = join(folder, page, 'index.html');
    const { atime, mtime } = statSync(file);
    // Packers give all files one time, and names by content are of one length.
    writeFileSync(file, `THE PAGE OF ${page}`);
    utimesSync(file, atime, mtime);
    const headers = {
      'if-none-match': String(first.headers.etag ?? '"none"'),
      'if-modified-since': String(first.headers['last-modified'] ?? mtime.toUTCString()),
    };
    const next = await askHq(hq, prefix, { headers });
    writeFileSync(file, `the page of ${page}`);
    expect(next.bytes.toString()).toBe(`THE PAGE OF ${page}`);
  });

  test('keeps for ever what its build names by content, however it is packed, and nothing else', async () => {
    const kept = async (path: string, encoding = 'identity') =>
      (await askHq(hq, `${prefix}${path}`, { headers: { 'accept-encoding': encoding } })).headers[
        'cache-control'
      ];
    for (const encoding of ['identity', 'gzip', 'br'])
      expect([encoding, await kept(SCRIPT, encoding)]).toEqual([
        encoding,
        'public, max-age=31536000, immutable',
      ]);
    expect(await kept('')).toBe('no-cache');
    expect(await kept('touch-iconlarge.svg')).toBe('no-cache');
  });

  test.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['identity', undefined, (bytes: Buffer) => bytes],
    ['br;q=0', undefined, (bytes: Buffer) => bytes],
  ])('comes as its build packed it, to who takes %s', async (accepted, encoding, unpack) => {
    const answer = await askHq(hq, `${prefix}${SCRIPT}`, {
      headers: { 'accept-encoding': accepted },
    });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/);
    expect(answer.headers['vary']?.toLowerCase()).toBe('accept-encoding');
    expect(unpack(answer.bytes).toString()).toBe(SCRIPT_TEXT);
  });

  test.each(['bytes=0-3', 'bytes=99999-'])(
    'comes whole where %s of it is asked for',
    async (range) => {
      const answer = await askHq(hq, prefix, { headers: { range } });
      expect([answer.status, answer.bytes.toString()]).toEqual([200, `the page of ${page}`]);
    },
  );

  test('what is not packed comes as it is', async () => {
    const answer = await askHq(hq, prefix, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.bytes.toString()).toBe(`the page of ${page}`);
  });

  test.each([
    '.hidden',
    '.env',
    '.git/config',
    'nothing',
    'assets',
    'site//wp-admin/',
    'assets/..%2findex.html',
    '%2e%2e/outside.txt',
    '..%2foutside.txt',
    '..%5coutside.txt',
    'index.html%00.js',
    '%ff',
    `${'a'.repeat(300)}.js`,
    'index.html/more',
  ])('says of %j that it is not there, and takes no fault of its own from it', async (path) => {
    const before = hq.logged.length;
    for (const encoding of ['identity', 'br, gzip']) {
      const answer = await askHq(hq, `${prefix}${path}`, {
        headers: { 'accept-encoding': encoding },
      });
      expect(answer.bytes.toString()).not.toContain('secret');
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
    expect(hq.logged.slice(before).filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('pages that nobody built', () => {
  test('are named at the start, with what builds them, and no till gets a link to one', async () => {
    const bare = await startTestHq({
      consoleFolder: join(folder, 'nothing'),
      passFolder: join(folder, 'nothing'),
      stores: ['s1'],
    });
    try {
      expect(bare.logged.filter(({ level }) => level === 'warn')).toMatchObject([
        { fields: { page: 'console', at: '/', command: 'npm run build:hq-ui' } },
        { fields: { page: 'pass', at: '/pass/', command: 'npm run build:pass' } },
      ]);
      expect((await askHq(bare, '/pass/')).status).toBe(404);
      const { token } = await joinTill(bare, 'till-1');
      const asked = await askHq(bare, '/v1/passes/codes', { token, body: { memberId: 'm-1' } });
      expect(asked).toMatchObject({ status: 409, body: { code: 'pass-page-missing' } });
    } finally {
      await bare.close();
    }
  });
});
