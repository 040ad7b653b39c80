import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { openBody, sealBody } from '../../../../agent/domain/ledger/sealed-body.ts';
import { ledgerCrypto } from '../../../support/ledger.ts';

const key = randomBytes(32);
const salt = randomBytes(32);
const entryId = 'entry-1';

function sealedEntry(body: unknown) {
  const { sealed, commitment } = sealBody(ledgerCrypto, { body, entryId, key, salt });
  return { header: { entryId, commitment }, sealed };
}

describe('a sealed body', () => {
  test('opens to what was sealed, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const clean = JSON.parse(JSON.stringify(body));
        expect(openBody(ledgerCrypto, sealedEntry(clean), key)).toEqual({ ok: true, value: clean });
      }),
    );
  });

  test('answers erased when the key is gone', () => {
    expect(openBody(ledgerCrypto, sealedEntry({ a: 1 }), undefined)).toEqual({
      ok: false,
      error: { code: 'erased' },
    });
  });

  test('does not open with any bit of the box changed', () => {
    const entry = sealedEntry({ member: '王小明' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: entry.sealed.length * 8 - 1 }), (bit) => {
        const sealed = Uint8Array.from(entry.sealed);
        sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openBody(ledgerCrypto, { ...entry, sealed }, key)).toEqual({
          ok: false,
          error: { code: 'broken' },
        });
      }),
    );
  });

  test('does not open under another key, in another entry, or when cut short', () => {
    const entry = sealedEntry({ a: 1 });
    const broken = { ok: false, error: { code: 'broken' } };
    expect(openBody(ledgerCrypto, entry, randomBytes(32))).toEqual(broken);
    expect(
      openBody(ledgerCrypto, { ...entry, header: { ...entry.header, entryId: 'entry-2' } }, key),
    ).toEqual(broken);
    expect(openBody(ledgerCrypto, { ...entry, sealed: entry.sealed.subarray(0, 40) }, key)).toEqual(
      broken,
    );
    expect(openBody(ledgerCrypto, { ...entry, sealed: new Uint8Array() }, key)).toEqual(broken);
  });

  test('is refused where the chain committed to another body', () => {
    const other = sealedEntry({ a: 2 }).header.commitment;
    const entry = sealedEntry({ a: 1 });
    expect(
      openBody(ledgerCrypto, { ...entry, header: { entryId, commitment: other } }, key),
    ).toEqual({
      ok: false,
      error: { code: 'broken' },
    });
  });

  test('is committed to as SHA-256 over salt and canonical JSON, so that any program can check it', () => {
    const expected = createHash('sha256').update(salt).update('{"a":1,"b":[2]}').digest('hex');
    expect(sealedEntry({ b: [2], a: 1 }).header.commitment).toBe(expected);
  });

  test('needs a salt of 32 bytes', () => {
    expect(() => sealBody(ledgerCrypto, { body: {}, entryId, key, salt: randomBytes(31) })).toThrow(
      'salt',
    );
  });
});

describe('canonical JSON', () => {
  test('is one text for one value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
  });

  test('refuses what is no JSON', () => {
    expect(() => canonicalJson(undefined)).toThrow('JSON');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow();
  });
});
