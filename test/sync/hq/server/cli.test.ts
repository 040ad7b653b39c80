import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHqDatabase } from '../../../../sync/hq/database/open-hq-database.ts';
import { EXCEPTION_WORDS } from '../../../../sync/protocol/exception-words.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  type HqProcess,
  newTestTill,
  openSession,
  register,
  startHqProcess,
  startTestHq,
} from '../../../support/hq.ts';
import { must, quietLog } from '../../../support/hq-database.ts';

const MAIN = fileURLToPath(new URL('../../../../sync/hq/main.ts', import.meta.url));
const TILL = fileURLToPath(new URL('../../../../agent/main/till.ts', import.meta.url));

interface Ran {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into output of any shape
  readonly json: any;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; `json` is its standard output where that is one object. */
function run(file: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], (error, stdout, stderr) => {
      const json = stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
      resolve({ code: Number(error?.code ?? 0), json, stdout, stderr });
    });
  });
}
const hqCommand = (...args: string[]) => run(MAIN, ...args, '--json');

describe('the operator of headquarters', () => {
  let folder: string;
  let hq: HqProcess;
  const data = () => join(folder, 'hq');
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-hq-cli-'));
    // A chain with a store, written before HQ runs as a process.
    const before = await startTestHq({
      database: { kind: 'pglite', folder: join(data(), 'db') },
      keysFolder: join(data(), 'keys'),
    });
    await before.deps.db.query(
      `INSERT INTO exceptions (at_ms, code, till_id, detail) VALUES (0, 'clock-ahead', 'till-1', '{"today":"2026-11-21"}')`,
    );
    await before.close();
    hq = await startHqProcess(data(), ['--database', 'pglite']);
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await hq?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, HQ_START_LIMIT_MS);

  test('is told where headquarters listens, and warned of PGlite, in one JSON object and one log', async () => {
    expect(hq.url).toBe(`https://127.0.0.1:${hq.port}`);
    expect(hq.log()).toContain('never forces its data to the disk');
    for (const line of hq.log().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
    expect((await askHq(hq, '/healthz')).body.ok).toBe(true);
  });

  test('makes a ticket that registers a till, sees the till, and revokes it', async () => {
    const file = join(folder, 'ticket.json');
    const made = await hqCommand(
      'ticket',
      'till-1',
      '--store',
      's1',
      '--out',
      file,
      '--data',
      data(),
    );
    expect(made).toMatchObject({ code: 0, json: { written: file, tillId: 'till-1' } });
    expect(statSync(file).mode & 0o077).toBe(0);
    const till = newTestTill(JSON.parse(readFileSync(file, 'utf8')));
    expect((await register(hq, till)).status).toBe(200);
    expect((await openSession(hq, till)).status).toBe(200);

    const listed = await hqCommand('tills', '--data', data());
    expect(listed.json.tills).toMatchObject([{ tillId: 'till-1', state: 'registered' }]);
    const revoked = await hqCommand('revoke', 'till-1', '--reason', 'stolen', '--data', data());
    expect(revoked).toMatchObject({ code: 0, json: { revoked: true } });
    expect((await openSession(hq, till)).body.code).toBe('till-revoked');
  }, 60_000);

  test('makes a token for the web shop and a link for a person', async () => {
    const token = await hqCommand('token', '--name', 'shop', '--days', '30', '--data', data());
    expect(token.json.expiresAt).toMatch(/^\d{4}-/);
    const purchase = await askHq(hq, '/v1/online/purchases', {
      token: token.json.token,
      body: {},
      headers: { 'idempotency-key': 'key-of-the-test' },
    });
    expect(purchase.body.code).toBe('invalid-input');
    const link = await hqCommand('console', '--data', data());
    expect(link.json.link).toMatch(new RegExp(`^${hq.url}/#code=.{43}$`));
  }, 60_000);

  test('lists, shows, settles and reopens cases that need a person', async () => {
    const cases = (...args: string[]) => hqCommand('exceptions', ...args, '--data', data());
    const [listed, shown] = await Promise.all([cases('list'), cases('show', '1')]);
    expect(listed).toMatchObject({
      code: 1,
      json: { cases: [{ id: 1, code: 'clock-ahead', state: 'open' }], open: { 'clock-ahead': 1 } },
    });
    expect(shown.json.case).toEqual(listed.json.cases[0]);
    const settle = ['settle', '1', '--done', 'till-put-right', '--note', 'clock set'];
    expect(await cases(...settle)).toMatchObject({ code: 0, json: { changed: true } });
    expect(await cases(...settle)).toMatchObject({ code: 0, json: { changed: false } });
    expect(await cases('list', '--state', 'all')).toMatchObject({ code: 0, json: { open: {} } });
    const reopened = await cases('reopen', '1', '--note', 'it is wrong again');
    expect(reopened.json.case.steps).toHaveLength(2);
    const text = await run(TILL, 'hq', 'exceptions', 'show', '1', '--data', data());
    expect(text.stdout).toContain('clock set');
    expect(text.stdout).toContain(EXCEPTION_WORDS['clock-ahead'].next.en);
  }, 120_000);

  test('finds the same commands as `till hq`', async () => {
    const listed = await run(TILL, 'hq', 'tills', '--json', '--data', data());
    expect(listed).toMatchObject({ code: 0, json: { tills: expect.any(Array) } });
    expect((await run(TILL, 'hq', '--help')).stdout).toContain('ticket');
  }, 60_000);

  test('is told what is wrong, and what to do, with exit code 2', async () => {
    const cases: readonly (readonly [string, ...string[]])[] = [
      ['folder-in-use', 'run', '--data', data(), '--database', 'pglite', '--port', '0'],
      ['config-invalid', 'run', '--data', join(folder, 'a'), '--port', '99999'],
      ['store-unknown', 'ticket', 'till-9', '--store', 'S1', '--data', data()],
      ['id-invalid', 'ticket', '张三', '--store', 's1', '--data', data()],
      ['id-invalid', 'ticket', 'till-9', '--store', 'no 1', '--data', data()],
      ['days-invalid', 'token', '--name', 'shop', '--days', '-3', '--data', data()],
      ['days-invalid', 'token', '--name', 'shop', '--days', 'soon', '--data', data()],
      ['folder-in-use', 'restored', '--data', data(), '--database', 'pglite'],
      ['invalid-input', 'tiers', '--month', '2026-13', '--data', data()],
      ['usage', 'exceptions', 'list', '--limit', '999', '--data', data()],
      ['usage', 'exceptions', 'settle', '1', '--done', 'x', '--note', 'y', '--data', data()],
      ['usage', 'exceptions', 'settle', '1', '--done', 'agreed', '--note', ' ', '--data', data()],
      ['case-unknown', 'exceptions', 'show', '99', '--data', data()],
    ];
    for (const [code, ...args] of cases) {
      const ran = await hqCommand(...args);
      expect([args.join(' '), ran.code, ran.json?.error?.code]).toEqual([args.join(' '), 2, code]);
      expect(ran.json.error.remedy).toMatchObject({
        'zh-CN': expect.stringMatching(/./),
        en: expect.stringMatching(/./),
      });
      if (code === 'id-invalid') {
        const [, till, , store] = args;
        const [wrong, field] = till === '张三' ? [till, '收银机编号'] : [store, '门店编号'];
        expect(ran.json.error.message).toMatchObject({
          'zh-CN': expect.stringContaining(`${field}`),
          en: expect.stringContaining(`"${wrong}"`),
        });
      }
      if (code === 'store-unknown') expect(ran.json.error.detail).toBe('storeId: S1');
    }
  }, 120_000);

  test('stops it with a signal, and works on its database afterwards', async () => {
    expect(existsSync(join(data(), 'running.json'))).toBe(true);
    expect(await hq.stop()).toBe(0);
    expect(existsSync(join(data(), 'running.json'))).toBe(false);
    const made = await hqCommand(
      'ticket',
      'till-2',
      '--store',
      's2',
      '--data',
      data(),
      '--database',
      'pglite',
    );
    expect(made.json).toMatchObject({ tillId: 'till-2', ca: hq.ca });
    expect(made.json.url).toMatch(/^https:/);

    // A note that was cut off, or whose process id another program has by now, keeps nobody from the database.
    for (const note of [
      '{"url":',
      JSON.stringify({ url: hq.url, localUrl: hq.url, ca: null, pid: 1 }),
    ]) {
      writeFileSync(join(data(), 'running.json'), note);
      const listed = await hqCommand('tills', '--data', data(), '--database', 'pglite');
      expect(listed.json.tills).toHaveLength(2);
    }
    const tiers = await hqCommand(
      'tiers',
      '--month',
      '2001-01',
      '--dry-run',
      '--data',
      data(),
      '--database',
      'pglite',
    );
    expect(tiers).toMatchObject({ code: 1, json: { error: { code: 'tiers-missing' } } });
    const restored = await hqCommand('restored', '--data', data(), '--database', 'pglite');
    expect(restored).toMatchObject({ code: 0, json: { timeline: expect.stringMatching(/.{8}/) } });

    const verify = () => hqCommand('verify', '--data', data(), '--database', 'pglite');
    const rows = expect.any(Number);
    const db = must(
      await openHqDatabase({ kind: 'pglite', folder: join(data(), 'db') }, { log: quietLog }),
    );
    await db.query('UPDATE feed_roots SET s0 = s0 # 1');
    const [roots] = await db.query<{ n: number }>('SELECT count(*) AS n FROM feed_roots');
    await db.close();
    const whole = { mendedRows: 0, damagedRows: 0, publishedRows: 0 };
    const mended = { ok: false, rows, ...whole, mendedRoots: roots?.n };
    expect(await verify()).toMatchObject({ code: 1, json: mended });
    const right = { ok: true, rows, ...whole, mendedRoots: 0 };
    expect(await verify()).toMatchObject({ code: 0, json: right });
  }, 120_000);
});
