import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memberSchema, passIssuerSchema } from '../../../../agent/contract/index.ts';
import { registerCredential } from '../../../../agent/main/commands/credential.ts';
import { makePassKey } from '../../../../agent/main/issue-credential.ts';
import { testMember } from '../../../support/ledger.ts';
import { runCommand } from '../../../support/run-command.ts';

const AT = '2026-11-21T08:30:00.000Z';
const till = (...args: string[]) => runCommand(registerCredential, ['credential', ...args]);

let folder: string;
let phone: string;
let issuer: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-credential-'));
  phone = join(folder, 'phone.pem');
  issuer = join(folder, 'issuer.pem');
  writeFileSync(issuer, makePassKey('ed25519'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const issue = (...more: string[]) =>
  till('issue', '--key', phone, '--member', 'm-1', '--at', AT, ...more);

/** The code alone, as the text form prints it. */
async function issued(...more: string[]): Promise<string> {
  const { out } = await issue(...more);
  return out.trimEnd();
}

const byRow = (): string[] => ['--key', phone, '--member', 'm-1'];

describe('till credential issue', () => {
  test.each(['ed25519', 'p256'])(
    'makes a key of %s for its owner alone, and shows a code that the row it prints verifies',
    async (alg) => {
      const { code, out } = await issue('--alg', alg, '--counter', '9', '--json');
      expect(code).toBe(0);
      expect(statSync(phone).mode & 0o777).toBe(0o600);
      const report = JSON.parse(out);
      expect(report).toMatchObject({ at: AT, use: { step: 59_841_660, counter: 9 } });
      const row = memberSchema.parse({ ...testMember(1), ...report.member });
      expect(row.passKeys).toMatchObject([{ alg, keyId: report.use.keyId, validFrom: AT }]);
      const verified = await till('verify', report.text, '--at', AT, ...byRow());
      expect(verified.code).toBe(0);
      expect((await issue('--counter', '10', '--json')).out).toContain(report.use.keyId);
    },
  );

  test('with the key of an issuer shows the self-contained form and the row that the feed would have', async () => {
    const { out } = await issue('--issuer-key', issuer, '--tier', 'gold', '--json');
    const report = JSON.parse(out);
    expect(passIssuerSchema.safeParse(report.issuer).success).toBe(true);
    const { out: checked, code } = await till(
      ...['verify', report.text, '--at', AT, '--issuer-key', issuer, '--json'],
    );
    expect([code, JSON.parse(checked)]).toMatchObject([
      0,
      {
        ok: true,
        memberId: 'm-1',
        by: 'certificate',
        record: { certificate: { issuerId: report.issuer.issuerId, tier: 'gold' } },
      },
    ]);
  });

  test.each([
    ['--counter', '16777216'],
    ['--counter', '-1'],
    ['--at', 'yesterday'],
    ['--alg', 'rsa'],
    ['--member', 'm 1'],
    ['--tier', 'platinum-and-more'],
    ['--valid-days', '3651'],
  ])('says which option cannot be used and what can: %s %s', async (option, given) => {
    const { code, err } = await issue(option, given);
    expect(code).toBe(2);
    expect(err).toContain(`${option} cannot be used: ${given}`);
    expect(err).toContain('-> ');
  });

  test('takes the highest counter', async () => {
    expect((await issue('--counter', '16777215')).code).toBe(0);
  });

  test('says that a file holds no key that can be used', async () => {
    writeFileSync(phone, 'no key');
    expect(await issue()).toMatchObject({ code: 2 });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    writeFileSync(phone, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const { code, err } = await issue();
    expect([code, err]).toMatchObject([2, expect.stringContaining('no Ed25519 or P-256 key')]);
  });
});

describe('till credential verify', () => {
  test('prints each check up to the one that fails, with what to do', async () => {
    const code = await issued();
    const late = await till('verify', code, '--at', '2026-11-21T08:32:00Z', ...byRow());
    expect(late.code).toBe(1);
    expect(late.out).toMatch(
      /^ok {3}form: .*\nok {3}certificate: .*\nok {3}key: .*\nok {3}deny-list: .*\nok {3}validity: .*\nok {3}signature: .*\nFAIL freshness: .*perhaps a screenshot.*\n$/,
    );
  });

  test('with --json is one object that names the refusal', async () => {
    const code = await issued();
    const { code: exit, out } = await till('verify', code, '--at', AT, '--json');
    expect([exit, JSON.parse(out)]).toMatchObject([
      1,
      { ok: false, code: 'unknown-key', record: { counter: 1 } },
    ]);
    const other = await till(
      'verify',
      code,
      '--at',
      AT,
      '--key',
      phone,
      '--member',
      'm-2',
      '--json',
    );
    expect(JSON.parse(other.out)).toMatchObject({ ok: false, code: 'wrong-signature' });
    const torn = await till('verify', code.slice(0, -1), '--json');
    expect(JSON.parse(torn.out)).toMatchObject({ ok: false, code: 'ill-formed' });
  });

  test('asks for the member of a key', async () => {
    const code = await issued();
    const { code: exit, err } = await till('verify', code, '--key', phone);
    expect([exit, err]).toMatchObject([2, expect.stringContaining('--member cannot be used')]);
  });
});
