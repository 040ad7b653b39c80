import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseOf, keysFolderOf, loadHqConfig } from '../../../../sync/hq/commands/hq-config.ts';
import { createAuthority, defaultValidity } from '../../../../sync/hq/keys/certificate.ts';
import { type HqOptions, startHq } from '../../../../sync/hq/start-hq.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import { addStore, askHq, HQ_START_LIMIT_MS } from '../../../support/hq.ts';
import { must, quietLog, withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-hq-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('starting headquarters', () => {
  async function options(changes: Partial<HqOptions> = {}): Promise<HqOptions> {
    return {
      database: { kind: 'opened', db: await databases.fresh() },
      keysFolder: join(folder, 'keys'),
      host: '127.0.0.1',
      port: 0,
      currency: 'CNY',
      timeZone: 'Asia/Shanghai',
      version: '0.0.0-test',
      log: quietLog,
      nowMs: () => Date.now(),
      random: (bytes) => randomBytes(bytes),
      timers: systemTimers,
      ...changes,
    };
  }

  test(
    'speaks plain HTTP on the loopback address',
    async () => {
      const hq = must(await startHq(await options({ tls: 'http' })));
      expect(hq).toMatchObject({ url: `http://127.0.0.1:${hq.port}`, ca: null });
      expect((await askHq(hq, '/healthz')).status).toBe(200);
      await hq.close();
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'stands behind a proxy with TLS: tickets carry its authority, the console works under its name',
    async () => {
      const url = 'https://hq.example';
      const authority = await createAuthority(defaultValidity(Date.now()), randomBytes);
      const proxyCa = join(folder, 'proxy.pem');
      writeFileSync(proxyCa, authority.cert);
      const hq = must(await startHq(await options({ tls: { proxyCa }, url })));
      await addStore(hq.deps.db, 's1');
      expect(must(await hq.ticket('till-1', 's1'))).toMatchObject({ url, ca: authority.cert });
      const at = { url: hq.localUrl, ca: null };
      const knock = (origin: string) =>
        askHq(at, '/v1/challenges', { body: { tillId: 'till-1' }, headers: { origin } });
      expect((await knock(url)).status).toBe(200);
      expect((await knock('https://elsewhere.example')).status).toBe(403);
      await hq.close();
    },
    HQ_START_LIMIT_MS,
  );

  test.each(['0.0.0.0', '::', '192.0.2.1'])(
    'refuses plain HTTP at %s',
    async (host) => {
      expect(await startHq(await options({ tls: 'http', host }))).toMatchObject({
        error: { code: 'plain-http-refused', detail: host },
      });
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'says that its port is taken, and lets go of everything',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      expect(await startHq(await options({ port }))).toMatchObject({
        error: { code: 'port-in-use', detail: `127.0.0.1:${port}` },
      });
      taken.close();
      await once(taken, 'close');
      const hq = must(await startHq(await options({ port })));
      await hq.close();
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'says that this machine has no such address',
    async () => {
      expect(await startHq(await options({ host: '192.0.2.1' }))).toMatchObject({
        error: { code: 'address-missing' },
      });
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'names itself in tickets as it was told to',
    async () => {
      const url = 'https://hq.example:8443';
      const hq = must(await startHq(await options({ url })));
      expect(hq.url).toBe(url);
      expect(hq.localUrl).toBe(`https://127.0.0.1:${hq.port}`);
      await hq.close();
    },
    HQ_START_LIMIT_MS,
  );
});

describe('the settings of headquarters', () => {
  const settings = (content: string): string => {
    const file = join(folder, 'hq.json');
    writeFileSync(file, content);
    return file;
  };

  test('have a default for every field, and flags go before the file', () => {
    const file = settings('{"data":"d1","port":1000,"currency":"HKD"}');
    const config = must(loadHqConfig(file, { port: '2000', json: true }));
    expect(config).toMatchObject({ data: 'd1', port: 2_000, currency: 'HKD', host: '127.0.0.1' });
    expect(keysFolderOf(config)).toMatch(/d1.keys$/);
    expect(databaseOf(config)).toMatchObject({ kind: 'embedded' });
    expect(databaseOf({ ...config, demo: true })).toMatchObject({ kind: 'pglite' });
    expect(databaseOf({ ...config, database: 'postgres://h/d' })).toEqual({
      kind: 'server',
      url: 'postgres://h/d',
    });
  });

  test.each([
    ['a field that there is not', '{"dtaa":"x"}', 'dtaa'],
    ['a port that there is not', '{"port":99999}', 'port'],
    ['a database of an unknown kind', '{"database":"mysql"}', 'database'],
    ['a time zone that there is not', '{"timeZone":"Mars/Base"}', 'timeZone'],
    ['a certificate without its key', '{"cert":"a.pem","ca":"b.pem"}', 'key'],
    [
      'a proxy whose authority no till would know',
      '{"http":true,"url":"https://hq.example"}',
      'ca',
    ],
    ['a certificate that is not shown', '{"http":true,"cert":"a.pem"}', 'cert'],
  ])('are refused with %s, by name', (_what, content, field) => {
    const refused = loadHqConfig(settings(content), {});
    expect(refused).toMatchObject({
      error: { code: 'config-invalid', message: { en: expect.stringContaining(field) } },
    });
  });

  test.each(['{"port":', '[]'])('are refused where they are no JSON object: %s', (content) => {
    expect(loadHqConfig(settings(content), {}).ok).toBe(false);
  });

  test('are refused where the file is not there', () => {
    expect(loadHqConfig(join(folder, 'none.json'), {})).toMatchObject({
      error: { code: 'config-unreadable' },
    });
  });
});
