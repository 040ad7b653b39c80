import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { toBase64url } from '../../../../agent/domain/credential/bytes.ts';
import {
  judgeWalletCode,
  type WalletJudgement,
} from '../../../../agent/domain/credential/judge-wallet-code.ts';
import { parseWalletCode, totp } from '../../../../agent/domain/credential/wallet-code.ts';
import { createCredentialCrypto } from '../../../../agent/store/credential-crypto.ts';
import { walletCode } from '../../../support/credentials.ts';

const crypto = createCredentialCrypto();
/** The secret of the examples in RFC 6238 appendix B. */
const RFC_SECRET = Buffer.from('12345678901234567890', 'ascii');
const SECRET = toBase64url(RFC_SECRET);
const NOW_MS = 1_763_690_400_000;
const STEP_MS = 30_000;

describe('the one-time password', () => {
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('is that of RFC 6238 appendix B at %i seconds', (seconds, digits) => {
    expect(totp(crypto, RFC_SECRET, Math.floor(seconds / 30))).toBe(digits);
  });
});

describe('the text of a wallet card', () => {
  test('is card, seconds and digits; a card may have hyphens of its own', () => {
    expect(parseWalletCode('TSW1:2900-01-59-94287082')).toEqual({
      card: '2900-01',
      step: 1,
      digits: '94287082',
    });
  });

  test.each([
    'TSW1:',
    'TSW1:2900',
    'TSW1:2900-59',
    'TSW1:2900-59-9428708',
    'TSW1:2900-59-942870820',
    'TSW1:29-59-94287082',
    'TSW1:2900-x-94287082',
    'TSW2:2900-59-94287082',
    `TSW1:${'2'.repeat(33)}-59-94287082`,
  ])('is none: %s', (text) => expect(parseWalletCode(text)).toBeUndefined());

  test('of random text never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        parseWalletCode(`TSW1:${text}`);
      }),
    );
  });
});

describe('a wallet card', () => {
  const judge = (text: string, changes: Partial<WalletJudgement> = {}) => {
    const code = parseWalletCode(text);
    if (code === undefined) throw new Error('the test writes a wallet code');
    return judgeWalletCode(code, {
      crypto,
      nowMs: NOW_MS,
      clockTrusted: true,
      memberId: 'anna' as MemberId,
      secret: SECRET,
      isSameShowing: () => false,
      wasTaken: () => false,
      highestStep: () => undefined,
      ...changes,
    });
  };
  const at = (ms: number): string => walletCode('2900', SECRET, NOW_MS + ms);

  test('is taken in its own step and in those beside it', () => {
    expect([0, -STEP_MS, STEP_MS].map((ms) => judge(at(ms)).ok)).toEqual([true, true, true]);
    expect(judge(at(-2 * STEP_MS))).toEqual({ ok: false, error: 'too-old' });
    expect(judge(at(2 * STEP_MS))).toEqual({ ok: false, error: 'from-the-future' });
  });

  test('counts once, and none of an earlier step after it', () => {
    const step = Math.floor(NOW_MS / STEP_MS);
    expect(judge(at(0), { highestStep: () => step })).toEqual({ ok: false, error: 'replayed' });
    expect(judge(at(-STEP_MS), { highestStep: () => step }).ok).toBe(false);
    expect(judge(at(0), { highestStep: () => step - 1 }).ok).toBe(true);
    expect(judge(at(0), { wasTaken: () => true })).toEqual({ ok: false, error: 'replayed' });
    const again = { highestStep: () => step, isSameShowing: () => true };
    expect(judge(at(0), again).ok).toBe(true);
  });

  test('of another secret, or of a member who has none, is refused', () => {
    const other = toBase64url(new Uint8Array(20).fill(9));
    expect(judge(at(0), { secret: other })).toEqual({ ok: false, error: 'wrong-signature' });
    expect(judge(at(0), { secret: undefined })).toEqual({ ok: false, error: 'unknown-key' });
  });

  test('while the clock cannot be trusted is not fresh outside its window, and its digits are checked all the same', () => {
    const untrusted = { clockTrusted: false };
    expect(judge(at(10 * STEP_MS), untrusted)).toMatchObject({ value: { isFresh: false } });
    expect(judge(at(0), { ...untrusted, secret: toBase64url(new Uint8Array(20)) }).ok).toBe(false);
  });
});
