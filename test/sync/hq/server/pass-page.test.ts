import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASS_HEADERS } from '../../../../sync/hq/server/pass-page.ts';
import { askHq, HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../../../support/hq.ts';

describe("the page of members' passes", () => {
  let hq: TestHq;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-pass-page-'));
    mkdirSync(join(folder, 'pass', 'assets'), { recursive: true });
    mkdirSync(join(folder, 'console'));
    writeFileSync(join(folder, 'pass', 'index.html'), 'the pass');
    writeFileSync(join(folder, 'pass', 'sw.js'), '1');
    writeFileSync(join(folder, 'pass', 'assets', 'index-DrR0UXOb.js'), '1');
    writeFileSync(join(folder, 'console', 'index.html'), 'the console');
    hq = await startTestHq({
      passFolder: join(folder, 'pass'),
      consoleFolder: join(folder, 'console'),
    });
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await hq.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is served beside the console, under a policy that lets it load its own files alone', async () => {
    const page = await askHq(hq, '/pass/');
    expect(page.bytes.toString()).toBe('the pass');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toBe(PASS_HEADERS['Content-Security-Policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|data:|https:|\*/);
    expect(page.headers['permissions-policy']).toContain('camera=()');
    expect((await askHq(hq, '/')).bytes.toString()).toBe('the console');
    expect((await askHq(hq, '/pass')).headers.location).toBe('/pass/');
  });

  test('keeps what is named by its content, and asks for page and worker each time', async () => {
    const kept = async (path: string) => (await askHq(hq, path)).headers['cache-control'];
    expect(await kept('/pass/assets/index-DrR0UXOb.js')).toMatch(/immutable/);
    expect(await kept('/pass/')).toBe('no-cache');
    expect(await kept('/pass/sw.js')).toBe('no-cache');
  });

  test('is the page of the installed release, though its file is as long and as old as the one before', async () => {
    const first = await askHq(hq, '/pass/');
    const file = join(folder, 'pass', 'index.html');
    const { atime, mtime } = statSync(file);
    // Packers give all files one time, and names by content are of one length.
    writeFileSync(file, 'THE PASS');
    utimesSync(file, atime, mtime);
    const headers = {
      'if-none-match': String(first.headers.etag ?? '"none"'),
      'if-modified-since': String(first.headers['last-modified'] ?? mtime.toUTCString()),
    };
    const next = await askHq(hq, '/pass/', { headers });
    writeFileSync(file, 'the pass');
    expect(next.bytes.toString()).toBe('THE PASS');
  });

  test('says of what is not there that it is not there, whatever a stranger looks for', async () => {
    writeFileSync(join(folder, 'pass', '.hidden'), 'secret');
    for (const path of ['/pass/.hidden', '/pass/.env', '/pass/.git/config', '/pass/nothing'])
      expect([path, (await askHq(hq, path)).status]).toEqual([path, 404]);
    expect(hq.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('gives no file of another folder', async () => {
    for (const path of ['/pass/%2e%2e%2fconsole%2findex.html', '/pass/..%2fconsole/index.html']) {
      const answer = await askHq(hq, path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.bytes.toString()).not.toContain('the console');
    }
  });
});
