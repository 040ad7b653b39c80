import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CERTIFICATE_MEMBER_MAX,
  CERTIFICATE_TIER_MAX,
  CREDENTIAL_COUNTER_MAX,
  CREDENTIAL_PREFIX,
  CREDENTIAL_RECORD_BYTES,
  CREDENTIAL_STEP_MAX,
  CREDENTIAL_TEXT_MAX,
  type MemberId,
} from '../../../../agent/contract/index.ts';
import { decodeBase45, encodeBase45 } from '../../../../agent/domain/credential/base45.ts';
import { fromBase64url, fromHex, toBase64url } from '../../../../agent/domain/credential/bytes.ts';
import { parseCertificate } from '../../../../agent/domain/credential/certificate.ts';
import {
  credentialText,
  parseCredential,
  recordHead,
} from '../../../../agent/domain/credential/record.ts';
import { certificateOf, passSigner, testPhone } from '../../../support/credentials.ts';

const NOW_MS = Date.parse('2026-11-21T02:00:00.000Z');
const ascii = (text: string): Uint8Array => Buffer.from(text, 'ascii');

describe('base45', () => {
  test.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
    ['', ''],
  ])('writes and reads the examples of RFC 9285 section 4.3: %s', (plain, text) => {
    expect(encodeBase45(ascii(plain))).toBe(text);
    expect(decodeBase45(text)).toEqual(new Uint8Array(ascii(plain)));
  });

  test.each([
    ['GGW', 'a value above 65535'],
    ['00W', 'the last character of three at its limit and above', false],
    ['::', 'a value above 255 in a last pair'],
    ['0', 'one character left over'],
    ['bb8', 'small letters'],
    ['BB8,', 'a character outside the alphabet'],
    ['é00', 'a letter of another alphabet'],
  ])('refuses %s: %s', (text, _why, isRefused = true) => {
    expect(decodeBase45(text) === undefined).toBe(isRefused);
  });

  test('has one text for every row of bytes, and one row of bytes for every text that it takes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeBase45(encodeBase45(bytes))).toEqual(new Uint8Array(bytes));
        expect(fromBase64url(toBase64url(bytes))).toEqual(new Uint8Array(bytes));
        expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const bytes = decodeBase45(text);
        if (bytes !== undefined) expect(encodeBase45(bytes)).toBe(text);
        const plain = fromBase64url(text);
        if (plain !== undefined) expect(toBase64url(plain)).toBe(text);
      }),
    );
  });
});

describe('the record', () => {
  const use = { keyId: '0123456789abcdef', step: CREDENTIAL_STEP_MAX, counter: 0x010203 };

  test('is 80 bytes: flags, key id, step and counter big-endian, signature', () => {
    const head = recordHead(use, false);
    expect(Buffer.from(head).toString('hex')).toBe('100123456789abcdefffffffff010203');
    const text = credentialText(head, new Uint8Array(64).fill(7));
    expect(text).toHaveLength(CREDENTIAL_PREFIX.length + 120);
    expect(parseCredential(text)).toEqual({
      ...use,
      head: new Uint8Array(head),
      signature: new Uint8Array(64).fill(7),
    });
  });

  test('holds the highest step and the highest counter, and its QR text is of the alphanumeric set', () => {
    const most = { ...use, counter: CREDENTIAL_COUNTER_MAX };
    const text = credentialText(recordHead(most, false), new Uint8Array(64).fill(255));
    expect(parseCredential(text)).toMatchObject(most);
    expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
    // A reader or a till may cut spaces off the ends.
    expect(text.trim()).toBe(text);
  });

  test('ends where it ends: one byte less, one more, another version or another flag is none', () => {
    const bytes = new Uint8Array(CREDENTIAL_RECORD_BYTES);
    const isTaken = (changed: Uint8Array): boolean =>
      parseCredential(`${CREDENTIAL_PREFIX}${encodeBase45(changed)}`) !== undefined;
    const first = (byte: number): Uint8Array => {
      bytes[0] = byte;
      return bytes;
    };
    expect(isTaken(first(0x10))).toBe(true);
    expect(isTaken(bytes.subarray(0, 79))).toBe(false);
    expect(isTaken(Buffer.concat([bytes, Uint8Array.of(0)]))).toBe(false);
    for (const flags of [0x00, 0x11, 0x12, 0x20, 0xff]) expect(isTaken(first(flags))).toBe(false);
  });

  test('with the longest certificate has the longest text there is, and a character more is not read', () => {
    const issuer = passSigner();
    const phone = passSigner('p256');
    const certificate = certificateOf(
      issuer,
      phone,
      `m${'0'.repeat(CERTIFICATE_MEMBER_MAX - 1)}` as MemberId,
      'T'.repeat(CERTIFICATE_TIER_MAX),
      NOW_MS,
    );
    const text = credentialText(recordHead(use, true), new Uint8Array(64), certificate);
    expect(text).toHaveLength(CREDENTIAL_TEXT_MAX);
    expect(parseCredential(text)?.certificate).toMatchObject({ alg: 'p256' });
    expect(parseCredential(`${text}0`)).toBeUndefined();
  });

  test('of random text and random bytes never throws', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc
        .uint8Array({ maxLength: 300 })
        .map((bytes) => `${CREDENTIAL_PREFIX}${encodeBase45(bytes)}`),
      fc
        .uint8Array({ minLength: 79, maxLength: 279 })
        .map((bytes) => `${CREDENTIAL_PREFIX}${encodeBase45(Uint8Array.of(0x11, ...bytes))}`),
    );
    fc.assert(
      fc.property(any, (text) => {
        const record = parseCredential(text);
        if (record !== undefined) expect(record.signature).toHaveLength(64);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the certificate', () => {
  const issuer = passSigner();

  test('names issuer, algorithm, key, times, tier and member, and keeps what was signed to the byte', () => {
    const phone = passSigner('p256');
    const bytes = certificateOf(issuer, phone, 'm-1' as MemberId, 'gold', NOW_MS, {
      validFromSeconds: 1,
      validUntilSeconds: 0xffff_ffff,
    });
    const certificate = parseCertificate(bytes);
    expect(certificate).toMatchObject({
      issuerId: issuer.issuerId,
      alg: 'p256',
      validFromSeconds: 1,
      validUntilSeconds: 0xffff_ffff,
      tier: 'gold',
      memberId: 'm-1',
    });
    expect(Buffer.from(certificate?.signed ?? []).toString('latin1')).toMatch(
      /^tillside-cert\/1\n/,
    );
    expect(toBase64url(certificate?.publicKey ?? new Uint8Array())).toBe(
      toBase64url(phone.publicKey),
    );
    expect(issuer.publicKey).toHaveLength(32);
    expect(phone.publicKey).toHaveLength(33);
  });

  test('cut anywhere, or with a byte behind it, is none', () => {
    const bytes = testPhone('m-1', { issuer, nowMs: NOW_MS });
    const whole = certificateOf(issuer, bytes.signer, 'm-1' as MemberId, 'gold', NOW_MS);
    for (let length = 0; length < whole.length; length++)
      expect(parseCertificate(whole.subarray(0, length))).toBeUndefined();
    expect(parseCertificate(Buffer.concat([whole, Uint8Array.of(0)]))).toBeUndefined();
  });

  test.each([
    ['an empty tier', { tier: '' }],
    ['a tier of 17', { tier: 'T'.repeat(17) }],
    ['an empty member', { memberId: '' }],
    ['a member of 65', { memberId: 'm'.repeat(65) }],
    ['a member that is no id', { memberId: 'm 1' }],
    ['a tier that is no ASCII', { tier: 'gold\n' }],
  ])('with %s is none', (_what, { tier = 'gold', memberId = 'm-1' }: Record<string, string>) => {
    const bytes = certificateOf(issuer, passSigner(), memberId as MemberId, tier, NOW_MS);
    expect(parseCertificate(bytes)).toBeUndefined();
  });

  test('hex is read as it is written', () => {
    expect(fromHex('00ff10')).toEqual(Uint8Array.of(0, 255, 16));
  });
});
