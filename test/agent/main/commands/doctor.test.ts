import { describe, expect, it } from 'vitest';
import { checksOfStatus } from '../../../../agent/main/commands/doctor.ts';
import type { KeyProtection } from '../../../../agent/main/key-protection.ts';
import { openTill, value } from '../../app/rig.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('doctor on the clock of a running till', () => {
  async function clockCheck(leapMs: number) {
    const rig = openTill();
    rig.time.wallMs += leapMs;
    const checks = checksOfStatus(value(await rig.till.status()));
    return checks.find(({ check }) => check === 'clock');
  }

  it('has nothing to say of one that runs on', async () => {
    expect(await clockCheck(0)).toMatchObject({ ok: true });
    expect(await clockCheck(3 * DAY_MS)).toMatchObject({ ok: true });
  });

  it.each([
    ['was set back', -DAY_MS, /is behind it/],
    ['leapt ahead', 401 * DAY_MS, /397 days ahead/],
  ])('names the command that puts one right that %s', async (_name, leapMs, detail) => {
    const check = await clockCheck(leapMs);
    expect(check).toMatchObject({ ok: false });
    expect(check?.detail).toMatch(detail);
    expect(check?.remedy).toContain('till time --confirm --manager');
  });
});

it('a key that lies in a file under the desktop program is a finding, with the reason and what to do', async () => {
  const status = value(await openTill().till.status());
  const keyCheck = (protection: KeyProtection) =>
    checksOfStatus({ ...status, keyProtection: protection }).find(({ check }) => check === 'key');
  expect(keyCheck({ kind: 'system-store', backend: 'dpapi' })).toMatchObject({ ok: true });
  const finding = keyCheck({
    kind: 'key-file',
    reason: { 'zh-CN': '没有密钥环', en: 'no keyring' },
  });
  expect(finding?.ok).toBe(false);
  expect(finding?.detail).toContain('no keyring');
  expect(finding?.remedy).toContain('GNOME Keyring');
  expect(checksOfStatus(status).some(({ check }) => check === 'key')).toBe(false);
});
