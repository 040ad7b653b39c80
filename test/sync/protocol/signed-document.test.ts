import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { assert } from '../../../agent/contract/result.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { openRuleSet, signRuleSet } from '../../../sync/protocol/rule-set-document.ts';
import { keyIdOf, signDocument, verifyDocument } from '../../../sync/protocol/signed-document.ts';
import { ruleFile } from '../../support/benefits.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const keyId = keyIdOf(publicKey);
const trusted = new Map([[keyId, publicKey]]);
const SCHEMA = 'tillside/test/1';
const payload = { b: [1, 2, { c: '中文' }], a: 'x' };
const document = signDocument(SCHEMA, payload, keyId, privateKey);

describe('a signed document', () => {
  test('gives its payload to whoever trusts the key, whatever the order of its fields', () => {
    expect(keyIdOf(privateKey)).toBe(keyId);
    expect(verifyDocument(document, SCHEMA, trusted)).toEqual({ ok: true, value: payload });
    const { signature, payload: body, ...rest } = document;
    const shuffled = { signature, payload: { a: 'x', b: payload.b }, ...rest };
    expect(body).toEqual(shuffled.payload);
    expect(verifyDocument(JSON.parse(JSON.stringify(shuffled)), SCHEMA, trusted)).toEqual({
      ok: true,
      value: payload,
    });
  });

  test('changed anywhere is refused', () => {
    const other = generateKeyPairSync('ed25519');
    const changed: [object, string][] = [
      [{ ...document, payload: { ...payload, a: 'y' } }, 'bad-signature'],
      [{ ...document, schema: 'tillside/other/1' }, 'wrong-schema'],
      [{ ...document, keyId: 'nobody' }, 'unknown-key'],
      [{ ...document, algorithm: 'none' }, 'not-an-envelope'],
      [{ ...document, signature: '' }, 'not-an-envelope'],
      [{ ...document, extra: 1 }, 'not-an-envelope'],
      [signDocument(SCHEMA, payload, keyId, other.privateKey), 'bad-signature'],
    ];
    for (const [forged, code] of changed) {
      expect(verifyDocument(forged, SCHEMA, trusted)).toMatchObject({ ok: false, error: { code } });
    }
    expect(verifyDocument('text', SCHEMA, trusted)).toMatchObject({
      error: { code: 'not-an-envelope' },
    });
  });

  test('cannot be passed off as another kind of document', () => {
    const moved = { ...document, schema: 'tillside/other/1' };
    expect(verifyDocument(moved, 'tillside/other/1', trusted)).toMatchObject({
      error: { code: 'bad-signature' },
    });
  });
});

describe('a signed rule set', () => {
  test('comes back as it was published', () => {
    const published = publishRules(
      ruleFile([
        {
          id: 'r',
          when: '"x" in codes && basket.qty > 9007199254740993',
          effect: { kind: 'percent-off-order', percentBp: 1 },
        },
      ]),
    );
    assert(published.ok, 'the rules publish');
    const { ruleSet } = published.value;
    const sent = JSON.parse(JSON.stringify(signRuleSet(ruleSet, keyId, privateKey)));
    expect(openRuleSet(sent, trusted)).toEqual({ ok: true, value: ruleSet });
  });

  test('of a form this version cannot read is refused after its signature was checked', () => {
    const strange = signDocument('tillside/rule-set/1', { rules: 'none' }, keyId, privateKey);
    expect(openRuleSet(strange, trusted)).toMatchObject({ error: { code: 'wrong-form' } });
    expect(openRuleSet({ ...strange, payload: {} }, trusted)).toMatchObject({
      error: { code: 'bad-signature' },
    });
  });
});
