import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CREDENTIAL_PREFIX,
  CREDENTIAL_REFUSALS,
  LANGUAGES,
  type MemberId,
  PASS_ALGS,
  type PassAlg,
} from '../../../../agent/contract/index.ts';
import { decodeBase45, encodeBase45 } from '../../../../agent/domain/credential/base45.ts';
import { fromHex, toBase64url } from '../../../../agent/domain/credential/bytes.ts';
import {
  type CredentialJudgement,
  judgeCredential,
  ROW_LAG_MS,
} from '../../../../agent/domain/credential/judge-credential.ts';
import {
  credentialText,
  parseCredential,
  recordHead,
  recordMessage,
  stepOf,
} from '../../../../agent/domain/credential/record.ts';
import { credentialRefusalText } from '../../../../agent/domain/credential/sentences.ts';
import {
  issuerBody,
  judgement,
  passKeyOf,
  passSigner,
  testPhone,
} from '../../../support/credentials.ts';

const NOW_MS = Date.parse('2026-11-21T02:00:00.000Z');
const STEP_MS = 30_000;
const DAY_MS = 24 * 60 * 60_000;

const issuer = passSigner();
const anna = testPhone('anna', { issuer, nowMs: NOW_MS });
const bo = testPhone('bo', { issuer, alg: 'p256', nowMs: NOW_MS });

/** A till that carries Anna and Bo with their keys, and knows the issuer. */
function till(changes: Partial<CredentialJudgement> = {}): CredentialJudgement {
  const phones = [anna, bo];
  const holderOf: CredentialJudgement['holderOf'] = (keyId) => {
    const phone = phones.find(({ signer }) => signer.keyId === keyId);
    return phone && holder(phone.memberId, phone.signer);
  };
  return judgement({
    nowMs: NOW_MS,
    holderOf,
    memberOf: (id) => {
      const phone = phones.find(({ memberId }) => memberId === id);
      return phone && holder(id, phone.signer);
    },
    issuerOf: (id) => (id === issuer.issuerId ? issuerBody(issuer, NOW_MS) : undefined),
    ...changes,
  });
}

function holder(memberId: MemberId, signer: typeof issuer, updatedAtMs = NOW_MS - DAY_MS) {
  return { memberId, passKeys: [passKeyOf(signer, NOW_MS)], updatedAtMs };
}

/** A till that has synced nobody. */
function stranger(changes: Partial<CredentialJudgement> = {}): CredentialJudgement {
  return till({ holderOf: () => undefined, memberOf: () => undefined, ...changes });
}

const judge = (text: string, by: CredentialJudgement) => judgeCredential(parseCredential(text), by);
const codeOf = (text: string, by: CredentialJudgement = till()): string => {
  const judged = judge(text, by);
  return judged.ok ? 'taken' : judged.error.code;
};

/** The same text with its bytes changed. */
function changed(text: string, change: (bytes: Uint8Array) => void): string {
  const bytes = decodeBase45(text.slice(CREDENTIAL_PREFIX.length)) ?? new Uint8Array();
  change(bytes);
  return `${CREDENTIAL_PREFIX}${encodeBase45(bytes)}`;
}

describe('a pass that is taken', () => {
  test.each([
    ['ed25519', anna],
    ['p256', bo],
  ])('names its member by the key in the row: %s', (_alg, phone) => {
    expect(judge(phone.show(NOW_MS, 9), till())).toMatchObject({
      ok: true,
      value: { memberId: phone.memberId, by: 'row', isFresh: true, use: { counter: 9 } },
    });
  });

  test.each([
    ['ed25519', anna],
    ['p256', bo],
  ])(
    'names a member whom the till never synced by the certificate, with the tier: %s',
    (_, phone) => {
      const judged = judge(phone.showCertified(NOW_MS), stranger());
      expect(judged).toMatchObject({
        ok: true,
        value: { memberId: phone.memberId, by: 'certificate', tier: 'gold' },
      });
    },
  );

  test('a till that carries the member takes the self-contained form too, by its row', () => {
    expect(judge(anna.showCertified(NOW_MS), till())).toMatchObject({
      ok: true,
      value: { by: 'row' },
    });
  });

  test('lives from one step before its own to one after, at most 90 seconds', () => {
    const code = anna.show(NOW_MS, 1);
    const startMs = Math.floor(NOW_MS / STEP_MS) * STEP_MS;
    const at = (ms: number): string => codeOf(code, till({ nowMs: startMs + ms }));
    expect([at(-STEP_MS - 1), at(-STEP_MS), at(0)]).toEqual(['from-the-future', 'taken', 'taken']);
    expect([at(2 * STEP_MS - 1), at(2 * STEP_MS)]).toEqual(['taken', 'too-old']);
  });
});

describe('bad input: a credential of a revoked key, from the future, with another algorithm named, with a swapped member id', () => {
  test('a credential of a revoked key is refused where the key is gone from the row', () => {
    const gone = till({
      holderOf: () => undefined,
      memberOf: (id) => ({ memberId: id, passKeys: [], updatedAtMs: NOW_MS }),
    });
    expect(codeOf(anna.show(NOW_MS), gone)).toBe('unknown-key');
    // The certificate is still valid, but the row was changed after it and does not carry the key.
    expect(codeOf(anna.showCertified(NOW_MS), gone)).toBe('unknown-key');
  });

  test('a row that may be older than the key says nothing of it: up to the hours that a certificate is dated back', () => {
    const changedAt = (updatedAtMs: number): string =>
      codeOf(
        anna.showCertified(NOW_MS),
        till({
          holderOf: () => undefined,
          memberOf: (id) => ({ memberId: id, passKeys: [], updatedAtMs }),
        }),
      );
    const certifiedMs = NOW_MS - DAY_MS;
    expect(changedAt(certifiedMs - DAY_MS)).toBe('taken');
    expect(changedAt(certifiedMs + ROW_LAG_MS)).toBe('taken');
    expect(changedAt(certifiedMs + ROW_LAG_MS + 1)).toBe('unknown-key');
  });

  test('a credential of a revoked key is refused by the deny list, at a till that carries the member and at one that does not', () => {
    const isDenied = (keyId: string): boolean => keyId === anna.signer.keyId;
    expect(codeOf(anna.showCertified(NOW_MS), stranger({ isDenied }))).toBe('denied');
    expect(codeOf(anna.show(NOW_MS), till({ isDenied }))).toBe('denied');
    expect(codeOf(bo.show(NOW_MS), till({ isDenied }))).toBe('taken');
  });

  test('a credential from the future is refused', () => {
    expect(codeOf(anna.show(NOW_MS + 2 * STEP_MS))).toBe('from-the-future');
    expect(codeOf(anna.show(NOW_MS + DAY_MS))).toBe('from-the-future');
  });

  test('a credential with another algorithm named is refused: the algorithm comes from row or certificate alone', () => {
    // The byte that names the algorithm lies behind record and issuer id.
    const named = (alg: number) => (bytes: Uint8Array) => {
      bytes[84] = alg;
    };
    for (const [phone, other] of [
      [anna, 2],
      [bo, 1],
      [anna, 0],
      [anna, 3],
    ] as const) {
      const refusal = codeOf(changed(phone.showCertified(NOW_MS), named(other)), stranger());
      expect(['ill-formed', 'wrong-signature']).toContain(refusal);
    }
    const asP256 = till({
      holderOf: () => ({
        memberId: anna.memberId,
        passKeys: [{ ...passKeyOf(anna.signer, NOW_MS), alg: 'p256' }],
        updatedAtMs: 0,
      }),
    });
    expect(codeOf(anna.show(NOW_MS), asP256)).toBe('wrong-signature');
  });

  test('a credential with a swapped member id is refused: the signature is over the id, and the certificate too', () => {
    const swapped = till({ holderOf: () => holder('bo' as MemberId, anna.signer) });
    expect(codeOf(anna.show(NOW_MS), swapped)).toBe('wrong-signature');
    const text = changed(anna.showCertified(NOW_MS), (bytes) => {
      const at = Buffer.from(bytes).indexOf('anna');
      bytes.set(Buffer.from('carl'), at);
    });
    expect(codeOf(text, stranger())).toBe('wrong-signature');
  });

  test('a phone that signs under the id of another key is refused: deny list and replay cache go by that id', () => {
    const own = decodeBase45(anna.showCertified(NOW_MS).slice(5)) ?? new Uint8Array();
    const head = recordHead({ keyId: 'ffffffffffffffff', step: stepOf(NOW_MS), counter: 1 }, true);
    const signature = anna.signer.sign(recordMessage(anna.memberId, head));
    const text = credentialText(head, signature, own.subarray(80));
    expect(codeOf(text, stranger())).toBe('wrong-signature');
  });

  test("another member's certificate behind one's own record is refused", () => {
    const own = decodeBase45(anna.showCertified(NOW_MS).slice(5)) ?? new Uint8Array();
    const others = decodeBase45(bo.showCertified(NOW_MS).slice(5)) ?? new Uint8Array();
    const mixed = Buffer.concat([own.subarray(0, 80), others.subarray(80)]);
    const text = `${CREDENTIAL_PREFIX}${encodeBase45(mixed)}`;
    expect(codeOf(text, stranger())).toBe('wrong-signature');
    expect(codeOf(text, till())).toBe('wrong-signature');
  });
});

describe('what else is refused', () => {
  test('a key that nobody has, and a text that is no record', () => {
    expect(codeOf(testPhone('carl', { nowMs: NOW_MS }).show(NOW_MS))).toBe('unknown-key');
    expect(codeOf('TSP1:')).toBe('ill-formed');
    expect(codeOf('TSP1:not base45')).toBe('ill-formed');
  });

  test('a certificate of an issuer that is not known, not yet one or one no more', () => {
    const text = anna.showCertified(NOW_MS);
    expect(codeOf(text, stranger({ issuerOf: () => undefined }))).toBe('unknown-issuer');
    const until = (validUntil: number): CredentialJudgement =>
      stranger({
        issuerOf: () => ({
          ...issuerBody(issuer, NOW_MS),
          validUntil: new Date(validUntil).toISOString(),
        }),
      });
    expect(codeOf(text, until(NOW_MS))).toBe('taken');
    expect(codeOf(text, until(NOW_MS - 1))).toBe('unknown-issuer');
  });

  test('two issuers are live through a rollover: each takes what it certified', () => {
    const next = passSigner();
    const carl = testPhone('carl', { issuer: next, nowMs: NOW_MS });
    const both = stranger({
      issuerOf: (id) => {
        const one = [issuer, next].find(({ issuerId }) => issuerId === id);
        return one && issuerBody(one, NOW_MS);
      },
    });
    expect(codeOf(anna.showCertified(NOW_MS), both)).toBe('taken');
    expect(codeOf(carl.showCertified(NOW_MS), both)).toBe('taken');
    expect(codeOf(carl.showCertified(NOW_MS), stranger())).toBe('unknown-issuer');
  });

  test("an issuer's id with another key behind it", () => {
    const other = passSigner();
    const by = stranger({ issuerOf: () => issuerBody(other, NOW_MS) });
    expect(codeOf(anna.showCertified(NOW_MS), by)).toBe('wrong-signature');
  });

  test('a certificate before its first second and after its last', () => {
    const nowSeconds = NOW_MS / 1_000;
    const phone = testPhone('carl', {
      issuer,
      nowMs: NOW_MS,
      validFromSeconds: nowSeconds,
      validUntilSeconds: nowSeconds + 10,
    });
    const at = (ms: number): string =>
      codeOf(phone.showCertified(NOW_MS + ms), stranger({ nowMs: NOW_MS + ms }));
    expect([at(-1), at(0), at(10_000), at(10_001)]).toEqual([
      'certificate-not-yet',
      'taken',
      'taken',
      'certificate-ended',
    ]);
  });

  test('a code that was used, and one with a counter that is not above the highest', () => {
    const code = anna.show(NOW_MS, 7);
    expect(codeOf(code, till({ seen: () => 'used' }))).toBe('replayed');
    expect(codeOf(code, till({ highestCounter: () => 7 }))).toBe('counter-went-back');
    expect(codeOf(code, till({ highestCounter: () => 6 }))).toBe('taken');
    const same = till({ seen: () => 'same-showing', highestCounter: () => 7 });
    expect(codeOf(code, same)).toBe('taken');
  });

  test('each refusal has a sentence in both languages that says what to do', () => {
    for (const code of CREDENTIAL_REFUSALS)
      for (const language of LANGUAGES)
        expect(credentialRefusalText(code)[language]).toMatch(/[,;，；]/);
  });
});

describe('a clock that cannot be trusted', () => {
  const untrusted = { clockTrusted: false };

  test('does not widen the window: a code outside it names its member and is not fresh', () => {
    const by = till(untrusted);
    expect(judge(anna.show(NOW_MS + STEP_MS), by)).toMatchObject({ value: { isFresh: true } });
    for (const offMs of [2 * STEP_MS, -2 * STEP_MS, DAY_MS, -DAY_MS])
      expect(judge(anna.show(NOW_MS + offMs), by)).toMatchObject({ value: { isFresh: false } });
  });

  test('and is ahead of the end of key or issuer lowers a pass: by the time of its own code both hold', () => {
    const ahead = { ...untrusted, nowMs: NOW_MS + 5 * 365 * DAY_MS };
    for (const by of [till(ahead), stranger(ahead)])
      expect(judge(anna.showCertified(NOW_MS), by)).toMatchObject({ value: { isFresh: false } });
    expect(codeOf(anna.showCertified(ahead.nowMs), till(ahead))).toBe('unknown-issuer');
    expect(codeOf(anna.show(ahead.nowMs), till(ahead))).toBe('certificate-ended');
    expect(codeOf(anna.show(NOW_MS), till({ nowMs: ahead.nowMs }))).toBe('certificate-ended');
  });

  test('changes nothing about signature, deny list and replay', () => {
    const forged = changed(anna.show(NOW_MS), (bytes) => {
      bytes[12] = (bytes[12] ?? 0) ^ 1;
    });
    expect(codeOf(forged, till(untrusted))).toBe('wrong-signature');
    expect(codeOf(anna.show(NOW_MS), till({ ...untrusted, isDenied: () => true }))).toBe('denied');
    expect(codeOf(anna.show(NOW_MS), till({ ...untrusted, seen: () => 'used' }))).toBe('replayed');
  });
});

describe('every single bit', () => {
  test.each(PASS_ALGS)('of record and certificate is covered: %s', (alg: PassAlg) => {
    const phone = testPhone('anna', { issuer, alg, nowMs: NOW_MS });
    const known = till({ holderOf: () => holder(phone.memberId, phone.signer) });
    const text = phone.showCertified(NOW_MS, 5);
    const length = decodeBase45(text.slice(CREDENTIAL_PREFIX.length))?.length ?? 0;
    for (let bit = 0; bit < length * 8; bit++) {
      const flipped = changed(text, (bytes) => {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      });
      expect([bit, codeOf(flipped, stranger())]).not.toEqual([bit, 'taken']);
    }
    const short = phone.show(NOW_MS, 5);
    for (let bit = 0; bit < 80 * 8; bit++) {
      const flipped = changed(short, (bytes) => {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      });
      expect([bit, codeOf(flipped, known)]).not.toEqual([bit, 'taken']);
    }
  });

  test('random records and certificates never throw, and none is taken', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 79, maxLength: 79 }).map((rest) => [0x10, ...rest]),
      fc
        .tuple(fc.uint8Array({ minLength: 79, maxLength: 79 }), fc.uint8Array({ maxLength: 160 }))
        .map(([rest, more]) => [0x11, ...rest, ...fromHex(issuer.issuerId), 1, ...more]),
    );
    fc.assert(
      fc.property(bytes, (row) => {
        const text = `${CREDENTIAL_PREFIX}${encodeBase45(Uint8Array.from(row))}`;
        const any = till({
          holderOf: (keyId) => ({
            memberId: anna.memberId,
            passKeys: [{ ...passKeyOf(anna.signer, NOW_MS), keyId }],
            updatedAtMs: 0,
          }),
        });
        expect(codeOf(text, any)).not.toBe('taken');
      }),
    );
  });

  test('a key that is no key of its algorithm signs nothing', () => {
    const broken = till({
      holderOf: () => ({
        memberId: bo.memberId,
        passKeys: [
          { ...passKeyOf(bo.signer, NOW_MS), publicKey: toBase64url(new Uint8Array(33).fill(2)) },
        ],
        updatedAtMs: 0,
      }),
    });
    expect(codeOf(bo.show(NOW_MS), broken)).toBe('wrong-signature');
  });
});
