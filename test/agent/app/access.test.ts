import { describe, expect, test } from 'vitest';
import { PAIRED_CLIENTS_MAX } from '../../../agent/app/pairing.ts';
import {
  SCREEN_CODE_TTL_MS,
  SCREEN_CODES_MAX,
  SCREEN_TOKEN_TTL_MS,
} from '../../../agent/app/screen-links.ts';
import { newPairingCode, sameSecret } from '../../../agent/app/secrets.ts';
import {
  type ClientId,
  PAIRING_CODE_TRIES,
  PAIRING_CODE_TTL_MS,
  POS_SCOPES,
  pairRequestSchema,
} from '../../../agent/contract/index.ts';
import { CASHIER, failed, MANAGER, openTill, PIN, value } from './rig.ts';

const PROGRAM = { name: 'Till program', scopes: ['identify', 'basket', 'basket'] as const };

/** Six digits that are not `code`. */
function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

describe('pairing', () => {
  test('a program is paired by the six digits that a manager opened, and known by its token from then on', async () => {
    const rig = openTill();
    expect(failed(await rig.till.pair({ ...PROGRAM, code: '123456' })).code).toBe('pairing-closed');
    const window = value(await rig.till.openPairing(MANAGER, PIN));
    expect(window.code).toMatch(/^\d{6}$/);
    const paired = value(
      await rig.till.pair({ ...PROGRAM, code: window.code, origin: 'https://pos.example.cn' }),
    );
    expect(paired.scopes).toEqual(['identify', 'basket']);
    expect(Buffer.from(paired.token, 'base64url')).toHaveLength(32);
    expect(rig.till.authenticate(paired.token)).toEqual({
      clientId: paired.clientId,
      scopes: ['identify', 'basket'],
      origin: 'https://pos.example.cn',
    });
    expect(rig.till.pairedOrigins()).toEqual(['https://pos.example.cn']);
    expect(JSON.stringify(rig.store.clients.list())).not.toContain(paired.token);
    expect(rig.till.authenticate(`${paired.token}x`)).toBeUndefined();
    expect(value(await rig.till.clients())).toMatchObject({
      window: null,
      clients: [{ name: 'Till program' }],
    });
  });

  test('one window pairs one program', async () => {
    const rig = openTill();
    const { code } = value(await rig.till.openPairing(MANAGER, PIN));
    value(await rig.till.pair({ ...PROGRAM, code }));
    expect(failed(await rig.till.pair({ ...PROGRAM, code })).code).toBe('pairing-closed');
  });

  test('a window closes after its tries and after its time', async () => {
    const rig = openTill();
    const first = value(await rig.till.openPairing(MANAGER, PIN));
    for (let n = 1; n <= PAIRING_CODE_TRIES; n += 1) {
      expect(failed(await rig.till.pair({ ...PROGRAM, code: wrong(first.code) }))).toMatchObject({
        code: 'pairing-code-wrong',
        data: { triesLeft: PAIRING_CODE_TRIES - n },
      });
    }
    expect(failed(await rig.till.pair({ ...PROGRAM, code: first.code })).code).toBe(
      'pairing-closed',
    );
    const second = value(await rig.till.openPairing(MANAGER, PIN));
    rig.time.pass(PAIRING_CODE_TTL_MS);
    expect(failed(await rig.till.pair({ ...PROGRAM, code: second.code })).code).toBe(
      'pairing-closed',
    );
  });

  test('a program gets what the manager opened the window for and nothing more', async () => {
    const rig = openTill();
    const window = value(await rig.till.openPairing(MANAGER, PIN));
    expect(window.scopes).toEqual(POS_SCOPES);
    const { code } = window;
    expect(
      failed(await rig.till.pair({ name: 'greedy', scopes: ['basket', 'manager'], code })),
    ).toMatchObject({
      code: 'forbidden-scope',
      field: 'scopes',
      data: { granted: [...POS_SCOPES] },
    });
    expect(value(await rig.till.pair({ name: 'modest', scopes: ['basket'], code })).scopes).toEqual(
      ['basket'],
    );
  });

  test('a program that names no scopes gets those of its window', async () => {
    const rig = openTill();
    const { code } = value(await rig.till.openPairing(MANAGER, PIN, ['identify', 'manager']));
    const paired = value(await rig.till.pair({ name: 'back office', code }));
    expect(paired.scopes).toEqual(['identify', 'manager']);
    expect(rig.till.authenticate(paired.token)?.scopes).toEqual(['identify', 'manager']);
    expect(rig.store.audit.recent(5)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'pairing-opened',
          staffId: MANAGER,
          detail: { scopes: ['identify', 'manager'] },
        }),
      ]),
    );
  });

  test.each([
    ['https://pos.example.cn', true],
    ['https://pos.example.cn:8443', true],
    ['http://127.0.0.1:5173', true],
    ['http://localhost:5173', true],
    ['http://pos.example.cn', false],
    ['http://192.168.1.20:8080', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://localhost.evil.example:80', false],
    ['https://pos.example.cn/', false],
  ])('a web POS at %s is taken as an origin: %s', (origin, taken) => {
    const request = { code: '123456', name: 'Web POS', origin };
    expect(pairRequestSchema.safeParse(request).success).toBe(taken);
  });

  test('only a manager opens it', async () => {
    const rig = openTill();
    expect(failed(await rig.till.openPairing(CASHIER, PIN)).code).toBe('role-required');
    expect(failed(await rig.till.openPairing(MANAGER, '0000')).code).toBe('pin-wrong');
  });

  test('a revoked program is unknown at once', async () => {
    const rig = openTill();
    const { code } = value(await rig.till.openPairing(MANAGER, PIN));
    const paired = value(await rig.till.pair({ ...PROGRAM, code }));
    expect(rig.till.authenticate(paired.token)).toMatchObject({ clientId: paired.clientId });
    value(await rig.till.signIn(MANAGER, PIN));
    expect(value(await rig.till.revokeClient(paired.clientId))).toEqual({ revoked: true });
    expect(rig.store.audit.recent(5)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'client-revoked', staffId: MANAGER }),
      ]),
    );
    expect(rig.till.authenticate(paired.token)).toBeUndefined();
    expect(value(await rig.till.revokeClient(paired.clientId))).toEqual({ revoked: false });
  });

  test('no more programs than the limit are paired', async () => {
    const rig = openTill();
    for (let n = 0; n < PAIRED_CLIENTS_MAX - 1; n += 1) {
      rig.store.clients.add(
        {
          clientId: `c-${n}` as ClientId,
          name: 'x',
          scopes: ['basket'],
          pairedAt: '2026-11-21T00:00:00.000Z',
        },
        `hash-${n}`,
      );
    }
    const { code } = value(await rig.till.openPairing(MANAGER, PIN));
    value(await rig.till.pair({ ...PROGRAM, code }));
    expect(failed(await rig.till.openPairing(MANAGER, PIN)).code).toBe('busy');
  });

  test('six digits are fair: a draw that would make low codes likelier is drawn again', () => {
    const draws = [Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.from([0, 0, 0, 7])];
    expect(newPairingCode(() => draws.shift() ?? Buffer.alloc(4))).toBe('000007');
  });

  test('secrets are equal only when they are', () => {
    expect(sameSecret('abc', 'abc')).toBe(true);
    for (const other of ['abd', 'ab', 'abcd', '', 'xbc'])
      expect(sameSecret('abc', other)).toBe(false);
    expect(sameSecret('aa', 'a')).toBe(false);
  });
});

describe('links to the screens', () => {
  test('a code opens one screen, once, with a token that lasts a shift and a restart', async () => {
    const rig = openTill();
    const code = rig.till.issueScreenCode();
    expect(Buffer.from(code, 'base64url').length).toBeGreaterThanOrEqual(16);
    const { token } = value(await rig.till.openScreen(code));
    expect(failed(await rig.till.openScreen(code)).code).toBe('ui-code-wrong');
    expect(rig.restart().screenTokenValid(token)).toBe(true);
    rig.time.pass(SCREEN_TOKEN_TTL_MS);
    expect(rig.till.screenTokenValid(token)).toBe(false);
  });

  test('a code runs out, and an unknown one opens nothing', async () => {
    const rig = openTill();
    const code = rig.till.issueScreenCode();
    rig.time.pass(SCREEN_CODE_TTL_MS);
    expect(failed(await rig.till.openScreen(code)).code).toBe('ui-code-wrong');
    expect(failed(await rig.till.openScreen('x'.repeat(22))).code).toBe('ui-code-wrong');
    expect(rig.till.screenTokenValid('x'.repeat(43))).toBe(false);
  });

  test('of many codes only the newest wait to be used', async () => {
    const rig = openTill();
    const codes = Array.from({ length: SCREEN_CODES_MAX + 1 }, () => rig.till.issueScreenCode());
    expect(failed(await rig.till.openScreen(codes[0] ?? '')).code).toBe('ui-code-wrong');
    value(await rig.till.openScreen(codes[1] ?? ''));
  });
});
