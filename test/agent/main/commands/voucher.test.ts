import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerVoucher } from '../../../../agent/main/commands/voucher.ts';
import { runCommand } from '../../../support/run-command.ts';
import { cinema, PARTNER_KEY, voucherOf } from '../../../support/vouchers.ts';

const till = (...args: string[]) => runCommand(registerVoucher, ['voucher', ...args]);

let folder: string;
let key: string;
let rules: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-voucher-'));
  key = save('partner.pem', String(PARTNER_KEY.export({ format: 'pem', type: 'pkcs8' })));
  rules = save('rules.json', JSON.stringify({ partners: [cinema()] }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function save(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const issue = (...more: string[]) =>
  till(
    'issue',
    ...['--key', key, '--key-id', 'k1', '--partner', 'cinema', '--id', 'V-1'],
    ...['--campaign', 'tickets', '--from', '2026-01-01', '--to', '2026-12-31', ...more],
  );

describe('till voucher issue', () => {
  test('prints the text of a voucher, which is the same each time', async () => {
    const { code, out } = await issue('--face', '2000');
    expect([code, out]).toEqual([0, `${voucherOf()}\n`]);
  });

  test('with --json says the name under which it is counted and the key that tills trust', async () => {
    const { out } = await issue('--face', '2000', '--member', 'm-1', '--json');
    expect(JSON.parse(out)).toEqual({
      text: voucherOf({ memberId: 'm-1' }),
      code: 'voucher:cinema:V-1',
      key: cinema().keys[0],
    });
  });

  test.each([
    ['--face', '2.5', 'faceMinor'],
    ['--to', '2026-02-30', 'notAfter'],
    ['--to', '2025-12-31', 'notAfter'],
    ['--id', '281234567890123456', 'voucherId'],
  ])('with %s %s issues nothing, names the field and exits 2', async (option, value, field) => {
    const { code, out } = await issue(option, value, '--json');
    expect([code, JSON.parse(out).error.message.en]).toEqual([
      2,
      `${field} does not fit the form of a voucher`,
    ]);
  });
});

describe('till voucher verify', () => {
  const verify = (text: string, ...more: string[]) =>
    till('verify', text, '--rules', rules, '--on', '2026-06-01', '--json', ...more);

  test('says of a good voucher what it promises, and exits 0', async () => {
    const { code, out } = await verify(voucherOf());
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { ok: true, state: 'available', claims: { voucherId: 'V-1', faceMinor: 2_000 } },
    ]);
  });

  test.each([
    ['unreadable', 'TV1~nothing', []],
    ['foreign', voucherOf({ partner: 'circus' }), []],
    ['altered', voucherOf().replace('V-1', 'V-2'), []],
    ['expired', voucherOf({ notAfter: 20260531 }), []],
    ['other-member', voucherOf({ memberId: 'm-1' }), ['--member', 'm-2']],
  ])('of one that is %s says so and exits 1', async (state, text, more) => {
    const { code, out } = await verify(text, ...more);
    expect([code, JSON.parse(out)]).toMatchObject([1, { ok: false, state }]);
  });

  test('exits 2 where the rule file or the day cannot be used', async () => {
    const broken = save('broken.json', '{"partners":[{"id":"Cinema"}]}');
    expect(await till('verify', voucherOf(), '--rules', broken, '--json')).toMatchObject({
      code: 2,
      out: expect.stringContaining('partners'),
    });
    expect((await verify(voucherOf(), '--on', '2026-13-01')).code).toBe(2);
  });

  test('says it to people in both languages', async () => {
    const { out } = await till('verify', 'TV1~x', '--rules', rules);
    expect(out).toMatch(/无法读取.+ \/ .+cannot be read/);
  });
});
