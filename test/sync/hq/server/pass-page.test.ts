import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    mkdirSync(join(folder, 'pass'));
    mkdirSync(join(folder, 'console'));
    writeFileSync(join(folder, 'pass', 'index.html'), 'the pass');
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
});
