import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerPass } from '../../../../sync/hq/commands/pass.ts';
import { registerWallet } from '../../../../sync/hq/commands/wallet.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import { askHq, HQ_START_LIMIT_MS, joinTill, startTestHq } from '../../../support/hq.ts';
import { runCommand } from '../../../support/run-command.ts';
import { newTestPhone } from '../../../support/test-phone.ts';

/** Programs that have to share two cores with other tests may take their time. */
vi.setConfig({ testTimeout: 120_000 });

const SYSTEM = {
  nowMs: () => Date.now(),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  timers: systemTimers,
  version: '0.0.0-test',
};

describe('`till hq pass` and `till hq pass-keys`', () => {
  let folder: string;
  const phone = newTestPhone('p256');
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-pass-command-'));
    const page = join(folder, 'page');
    mkdirSync(page);
    writeFileSync(join(page, 'index.html'), 'the pass');
    const hq = await startTestHq({
      database: { kind: 'pglite', folder: join(folder, 'hq', 'db') },
      keysFolder: join(folder, 'hq', 'keys'),
      passFolder: page,
    });
    await hq.deps.db.script(`
      INSERT INTO members (member_id, body) VALUES ('m-1', '{"memberId":"m-1","name":"王小明","tier":"gold","cards":["2900-0001"]}');
      INSERT INTO member_scopes VALUES ('m-1', 's1', 'home', 0);`);
    const { token } = await joinTill(hq, 'till-1');
    const asked = await askHq(hq, '/v1/passes/codes', { token, body: { memberId: 'm-1' } });
    const linked = await askHq(hq, '/v1/passes', { body: phone.link(asked.body.code) });
    expect(linked).toMatchObject({ status: 200, body: { keyId: phone.keyId, tier: 'gold' } });
    // No code, no key and no name of a member is in the log.
    const logged = JSON.stringify(hq.logged);
    for (const secret of [asked.body.code, phone.publicKey, '王小明'])
      expect(logged).not.toContain(secret);
    await hq.close();
  }, HQ_START_LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function till(...args: string[]): Promise<{ code: number; said: unknown }> {
    const { code, out } = await runCommand(
      (all) => {
        registerPass(all, SYSTEM);
        registerWallet(all, SYSTEM);
      },
      [...args, '--data', join(folder, 'hq'), '--database', 'pglite', '--json'],
    );
    return { code, said: JSON.parse(out) };
  }

  test('list the passes of a member and end one', async () => {
    expect(await till('pass', 'list', 'm-1')).toMatchObject({
      code: 0,
      said: { passes: [{ keyId: phone.keyId, alg: 'p256' }] },
    });
    const revoke = () => till('pass', 'revoke', phone.keyId, '--reason', 'phone lost');
    expect(await revoke()).toEqual({ code: 0, said: { removed: true } });
    expect(await revoke()).toEqual({ code: 0, said: { removed: false } });
    expect((await till('pass', 'list', 'm-1')).said).toEqual({ passes: [] });
  });

  test('`till hq wallet` gives a member a card and ends it', async () => {
    const issued = await till('wallet', 'issue', 'm-1', '--reason', 'asked for it');
    expect(issued).toMatchObject({ code: 0, said: { card: '2900-0001', digits: 8 } });
    const revoke = () => till('wallet', 'revoke', 'm-1', '--reason', 'phone lost');
    expect(await revoke()).toEqual({ code: 0, said: { removed: true } });
    expect(await revoke()).toEqual({ code: 0, said: { removed: false } });
  });

  test('list the keys that certify and turn to the next one', async () => {
    const states = ({ said }: { said: unknown }) =>
      (said as { issuers: { state: string }[] }).issuers.map(({ state }) => state);
    expect(states(await till('pass-keys', 'list'))).toEqual(['current', 'next']);
    expect(states(await till('pass-keys', 'rotate', '--reason', 'test'))).toContain('current');
  });
});
