import { randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createAuthority,
  defaultValidity,
  issueServerCertificate,
  VALID_AFTER_MS,
  VALID_BEFORE_MS,
} from '../../../../sync/hq/keys/certificate.ts';
import { readGivenTls } from '../../../../sync/hq/keys/given-tls.ts';
import { openKeys } from '../../../../sync/hq/keys/open-keys.ts';
import { openOwnTls, RENEW_BEFORE_MS } from '../../../../sync/hq/keys/open-tls.ts';
import { must } from '../../../support/hq-database.ts';

const NOW = Date.UTC(2026, 10, 21);
const random = (bytes: number) => randomBytes(bytes);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ownTls = async (hosts: string[], nowMs = NOW) =>
  must(await openOwnTls({ folder, hosts, nowMs, random }));

describe('the keys folder of headquarters', () => {
  test('gives the same keys at every start', async () => {
    const first = must(openKeys({ folder, random }));
    const again = must(openKeys({ folder, random }));
    expect(again.signing.keyId).toBe(first.signing.keyId);
    expect(again.tokens.equals(first.tokens)).toBe(true);
    expect((await ownTls(['a.example'])).cert).toBe((await ownTls(['a.example'])).cert);
  });

  test('gives two processes that start at once the same authority and leaves no half file', async () => {
    const both = await Promise.all([ownTls(['a.example']), ownTls(['a.example'])]);
    expect(both[0].ca).toBe(both[1].ca);
    for (const { cert, ca } of both)
      expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['authority.pem', 'server.pem']);
  });

  test.skipIf(process.platform === 'win32')('is readable by its own account only', async () => {
    const inside = join(folder, 'made');
    must(openKeys({ folder: inside, random }));
    must(await openOwnTls({ folder: inside, hosts: ['a.example'], nowMs: NOW, random }));
    expect(statSync(inside).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(inside))
      expect([name, statSync(join(inside, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  test.skipIf(process.platform === 'win32').each([
    ['the folder', ''],
    ['a key', 'tokens.key'],
  ])('is refused while others may read %s', (_what, name) => {
    must(openKeys({ folder, random }));
    chmodSync(join(folder, name), 0o755);
    expect(openKeys({ folder, random })).toMatchObject({
      ok: false,
      error: { code: 'keys-not-private', detail: join(folder, name).replace(/\/$/, '') },
    });
  });

  test.each(['signing.pem', 'tokens.key'])(
    'is never filled up again where %s is broken',
    (name) => {
      must(openKeys({ folder, random }));
      writeFileSync(join(folder, name), 'not a key', { mode: 0o600 });
      expect(openKeys({ folder, random })).toMatchObject({
        ok: false,
        error: { code: 'keys-unreadable' },
      });
    },
  );

  test('refuses an authority that is broken', async () => {
    await ownTls(['a.example']);
    writeFileSync(join(folder, 'authority.pem'), 'gone', { mode: 0o600 });
    expect(await openOwnTls({ folder, hosts: ['a.example'], nowMs: NOW, random })).toMatchObject({
      error: { code: 'keys-unreadable' },
    });
  });
});

describe('a generated certificate', () => {
  test('is good two years back and ten ahead, for names and addresses', async () => {
    const cert = new X509Certificate((await ownTls(['hq.example', '192.0.2.7', '::1'])).cert);
    expect(Date.parse(cert.validFrom)).toBe(NOW - VALID_BEFORE_MS);
    expect(Date.parse(cert.validTo)).toBe(NOW + VALID_AFTER_MS);
    expect(cert.checkHost('hq.example')).toBe('hq.example');
    expect(cert.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(cert.checkIP('::1')).toBe('::1');
    expect(cert.checkHost('other.example')).toBeUndefined();
    expect(cert.ca).toBe(false);
  });

  test('is made anew by the same authority when the hosts change', async () => {
    const before = await ownTls(['a.example']);
    const after = await ownTls(['b.example']);
    expect(after.ca).toBe(before.ca);
    expect(new X509Certificate(after.cert).checkHost('b.example')).toBe('b.example');
    expect((await ownTls(['b.example'])).cert).toBe(after.cert);
  });

  test('is made anew before it ends, and stays where it lasts as long as its authority', async () => {
    const before = await ownTls(['a.example']);
    const late = await ownTls(['a.example'], NOW + VALID_AFTER_MS - RENEW_BEFORE_MS + 1_000);
    expect(late.cert).toBe(before.cert);

    const short = { fromMs: NOW, toMs: NOW + RENEW_BEFORE_MS - 1_000 };
    const authority = await createAuthority(defaultValidity(NOW), random);
    const server = await issueServerCertificate(authority, ['a.example'], short, random);
    const file = (name: string, { key, cert }: typeof server) =>
      writeFileSync(join(folder, name), `${key}${cert}`, { mode: 0o600 });
    file('authority.pem', authority);
    file('server.pem', server);
    const renewed = await ownTls(['a.example']);
    expect(renewed.cert).not.toBe(server.cert);
    expect(renewed.endsAtMs).toBe(NOW + VALID_AFTER_MS);
  });
});

describe('a given certificate', () => {
  async function given(
    change: (files: Record<'cert' | 'key' | 'ca', string>) => void = () => {},
    { nowMs = NOW, host = 'a.example' } = {},
  ) {
    const authority = await createAuthority(defaultValidity(NOW), random);
    const server = await issueServerCertificate(
      authority,
      ['a.example'],
      defaultValidity(NOW),
      random,
    );
    const content = { cert: server.cert, key: server.key, ca: authority.cert };
    change(content);
    const paths = { cert: '', key: '', ca: '' };
    for (const name of ['cert', 'key', 'ca'] as const) {
      paths[name] = join(folder, `${name}.pem`);
      writeFileSync(paths[name], content[name]);
    }
    return readGivenTls(paths, { nowMs, host });
  }
  const other = () => createAuthority(defaultValidity(NOW), random);

  test('is taken where key, certificate and authority belong together', async () => {
    expect(must(await given())).toMatchObject({ source: 'given', endsAtMs: NOW + VALID_AFTER_MS });
  });
  test.each([
    ['has expired', { nowMs: NOW + VALID_AFTER_MS }, 'certificate-expired'],
    ['is not valid yet', { nowMs: NOW - VALID_BEFORE_MS - 1_000 }, 'certificate-not-yet-valid'],
    ['is for another name', { host: 'b.example' }, 'certificate-other-host'],
  ])('that %s is refused at the start, since every till would refuse it', async (_, at, code) => {
    expect(await given(undefined, at)).toMatchObject({ error: { code } });
  });
  test('is refused with the key of another one', async () => {
    const { key } = await other();
    const refused = await given((files) => {
      files.key = key;
    });
    expect(refused).toMatchObject({ error: { code: 'certificate-key-differs' } });
  });
  test('is refused with an authority that did not sign it', async () => {
    const { cert } = await other();
    const refused = await given((files) => {
      files.ca = cert;
    });
    expect(refused).toMatchObject({ error: { code: 'certificate-not-by-authority' } });
  });
  test('is refused where a file is none', async () => {
    const refused = await given((files) => {
      files.cert = 'nothing';
    });
    expect(refused).toMatchObject({
      error: { code: 'certificate-unreadable', detail: expect.stringContaining('cert.pem') },
    });
  });
});
