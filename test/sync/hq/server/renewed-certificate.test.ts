import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CertifiedKey,
  createAuthority,
  defaultValidity,
  issueServerCertificate,
} from '../../../../sync/hq/keys/certificate.ts';
import { RENEW_BEFORE_MS } from '../../../../sync/hq/keys/open-tls.ts';
import { PURGE_EVERY_MS } from '../../../../sync/hq/server/housekeeping.ts';
import { HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../../../support/hq.ts';
import { withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');
/** Certificates know whole seconds. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const random = (bytes: number) => randomBytes(bytes);

let folder: string;
let hq: TestHq | undefined;
let aheadMs = 0;
let authority: CertifiedKey;
beforeEach(async () => {
  aheadMs = 0;
  folder = mkdtempSync(join(tmpdir(), 'tillside-renewed-'));
  authority = await createAuthority(defaultValidity(NOW), random);
  // The hour is the test's; everything else goes by real timers.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await hq?.close();
  hq = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const issue = (by: CertifiedKey = authority, validity = defaultValidity(NOW)) =>
  issueServerCertificate(by, ['127.0.0.1', 'localhost'], validity, random);
const file = (name: string) => join(folder, name);
const giveFiles = ({ cert, key }: CertifiedKey, ca = authority.cert) => {
  for (const [name, content] of Object.entries({ cert, key, ca }))
    writeFileSync(file(name), content);
};
const given = () => ({ cert: file('cert'), key: file('key'), ca: file('ca') });

async function start(options: Parameters<typeof startTestHq>[0]): Promise<TestHq> {
  hq = await startTestHq({
    db: await databases.fresh(),
    stores: [],
    nowMs: () => NOW + aheadMs,
    ...options,
  });
  return hq;
}

/** What a further caller is shown. @param agent a connection of its own unless given */
function ask(path: string, agent = new Agent()): Promise<{ serial: string; body: string }> {
  return new Promise((resolve, reject) => {
    get(`${hq?.localUrl}${path}`, { ca: hq?.ca ?? '', agent }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => resolve({ serial: serialNumber, body }));
    }).once('error', reject);
  });
}
const serialShown = async () => (await ask('/healthz')).serial;
const said = (message: string) => hq?.logged.filter((line) => line.message.includes(message)) ?? [];

describe('the certificate of headquarters that runs for long', () => {
  test(
    'is shown anew within an hour after its files were renewed, and open connections go on',
    async () => {
      giveFiles(await issue());
      await start({ tls: given() });
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      const before = await ask('/healthz', kept);
      giveFiles(await issue(authority, { fromMs: NOW, toMs: NOW + 90 * 24 * 60 * 60_000 }));
      expect(await serialShown()).toBe(before.serial);

      vi.advanceTimersByTime(PURGE_EVERY_MS);
      await expect.poll(serialShown).not.toBe(before.serial);
      expect((await ask('/healthz', kept)).serial).toBe(before.serial);
      expect(JSON.parse((await ask('/healthz')).body).certificateEndsInDays).toBe(90);
      expect((await ask('/metrics')).body).toContain(
        `certificate_end_timestamp_seconds ${NOW / 1_000 + 90 * 24 * 60 * 60}`,
      );
      kept.destroy();
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'stays where its files are broken or of an authority that tills did not pin, and the log says so',
    async () => {
      giveFiles(await issue());
      await start({ tls: given() });
      const before = await serialShown();
      writeFileSync(file('key'), (await issue()).key);
      vi.advanceTimersByTime(PURGE_EVERY_MS);
      await expect.poll(() => said('cannot be renewed')).toHaveLength(1);
      expect(said('cannot be renewed')[0]?.fields).toMatchObject({
        code: 'certificate-key-differs',
      });

      const other = await createAuthority(defaultValidity(NOW), random);
      giveFiles(await issue(other), other.cert);
      vi.advanceTimersByTime(PURGE_EVERY_MS);
      await expect.poll(() => said('another authority')).toHaveLength(1);
      expect(await serialShown()).toBe(before);
    },
    HQ_START_LIMIT_MS,
  );

  test(
    'that headquarters made itself is made anew when it nears its end, and not before',
    async () => {
      const keysFolder = file('keys');
      mkdirSync(keysFolder, { mode: 0o700 });
      const endsMs = NOW + 2 * RENEW_BEFORE_MS;
      const short = await issue(authority, { fromMs: NOW, toMs: endsMs });
      for (const [name, { key, cert }] of Object.entries({ authority, server: short }))
        writeFileSync(join(keysFolder, `${name}.pem`), `${key}${cert}`, { mode: 0o600 });
      await start({ keysFolder });
      const before = await serialShown();
      aheadMs = RENEW_BEFORE_MS - 60_000;
      vi.advanceTimersByTime(PURGE_EVERY_MS);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await serialShown()).toBe(before);
      aheadMs = RENEW_BEFORE_MS;
      vi.advanceTimersByTime(PURGE_EVERY_MS);
      await expect.poll(serialShown).not.toBe(before);
    },
    HQ_START_LIMIT_MS,
  );
});
