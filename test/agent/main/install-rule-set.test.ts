import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { POLICY_SCHEMA, REVOKED_KEYS_SETTING } from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import {
  installDocument,
  installRuleSet,
  RULE_SET_STEP_MAX,
  revokedKeys,
} from '../../../agent/main/install-rule-set.ts';
import type { Store } from '../../../agent/store/store.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { signRuleSet } from '../../../sync/protocol/rule-set-document.ts';
import { signDocument } from '../../../sync/protocol/signed-document.ts';
import { SMALL_RULES } from '../../support/small-chain.ts';
import { openTestStore, TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillside-rules-'));
const ours = generateKeyPairSync('ed25519');
const foreign = generateKeyPairSync('ed25519');
const trusted = new Map<string, KeyObject>([['chain', ours.publicKey]]);
let store: Store;

beforeEach(() => {
  store = openTestStore().store;
});
afterAll(() => rmSync(folder, { recursive: true }));

function signedFile(rules: string, key = ours.privateKey, keyId = 'chain'): string {
  const published = publishRules(rules);
  if (!published.ok) throw new Error(JSON.stringify(published.error));
  const file = join(folder, 'rules.json');
  writeFileSync(file, JSON.stringify(signRuleSet(published.value.ruleSet, keyId, key)));
  return file;
}

const version = (n: number): string =>
  SMALL_RULES.replace('version: 1\ncurrency', `version: ${n}\ncurrency`);
const install = (file: string) =>
  installRuleSet(store, file, {
    trusted,
    revoked: revokedKeys({ trustedKeys: settings }, store),
    currency: 'CNY',
    nowMs: TEST_NOW_MS,
  });
let settings: Parameters<typeof revokedKeys>[0]['trustedKeys'] = [];
let fedVersion = 0;
function feed(key: string, body: string): void {
  fedVersion += 1;
  store.sync.apply([['setting', key, fedVersion, body]]);
}
const inForce = (): number | undefined => store.documents.current('rule-set')?.version;

describe('installing a signed rule set', () => {
  it('a newer one comes into force and is told as an event', () => {
    expect(install(signedFile(version(1)))).toEqual({ ok: true, value: 1 });
    expect(install(signedFile(version(2)))).toEqual({ ok: true, value: 2 });
    expect(inForce()).toBe(2);
    expect(store.events.after(0, 10).map(({ body }) => body)).toMatchObject([
      { kind: 'till', what: 'rules-installed', detail: 'small 1' },
      { kind: 'till', what: 'rules-installed', detail: 'small 2' },
    ]);
  });

  it('the one in force again changes nothing', () => {
    install(signedFile(version(3)));
    expect(install(signedFile(version(3)))).toEqual({ ok: true, value: 3 });
    expect(store.events.head()).toBe(1);
  });

  it('a rule set older than the one in force is refused: an old document replayed must not bring old prices back', () => {
    install(signedFile(version(5)));
    expect(install(signedFile(version(4)))).toMatchObject({ error: { code: 'rule-set-older' } });
    expect(inForce()).toBe(5);
  });

  it('the same version with another content is refused', () => {
    install(signedFile(version(5)));
    const altered = version(5).replace('percentBp: 1000', 'percentBp: 9000');
    expect(install(signedFile(altered))).toMatchObject({ error: { code: 'rule-set-forked' } });
  });

  it('one for another currency is refused: it would refuse every basket of the store', () => {
    const dollars = version(1).replace('currency: CNY', 'currency: USD');
    expect(install(signedFile(dollars))).toMatchObject({ error: { code: 'rule-set-currency' } });
    expect(inForce()).toBeUndefined();
  });

  it('one that leaves too many versions out is refused: it would lock out every later one', () => {
    install(signedFile(version(1)));
    expect(install(signedFile(version(2 + RULE_SET_STEP_MAX)))).toMatchObject({
      error: { code: 'rule-set-jumps' },
    });
    expect(install(signedFile(version(1 + RULE_SET_STEP_MAX)))).toMatchObject({ ok: true });
  });

  it('one signed by a foreign key, or under an unknown key id, is refused', () => {
    expect(install(signedFile(version(1), foreign.privateKey))).toMatchObject({
      error: { code: 'rule-set-untrusted' },
    });
    expect(install(signedFile(version(1), ours.privateKey, 'other'))).toMatchObject({
      error: { code: 'rule-set-untrusted' },
    });
    expect(inForce()).toBeUndefined();
  });

  it('a rule set signed by a revoked key is refused, and the one in force stays', () => {
    install(signedFile(version(1)));
    settings = [{ keyId: 'chain', publicKey: 'as it was', revoked: true }];
    expect(install(signedFile(version(2)))).toMatchObject({
      error: { code: 'rule-set-revoked-key' },
    });
    settings = [];
    feed(REVOKED_KEYS_SETTING, JSON.stringify({ keyIds: ['older', 'chain'] }));
    expect(install(signedFile(version(2)))).toMatchObject({
      error: { code: 'rule-set-revoked-key' },
    });
    expect(inForce()).toBe(1);
    feed(REVOKED_KEYS_SETTING, JSON.stringify({ keyIds: ['older'] }));
    expect(install(signedFile(version(2)))).toEqual({ ok: true, value: 2 });
  });

  it('a file that is missing or torn is refused with the reason', () => {
    expect(install(join(folder, 'none.json'))).toMatchObject({
      error: { code: 'rule-set-unreadable' },
    });
    const torn = join(folder, 'torn.json');
    writeFileSync(torn, '{"schema":');
    expect(install(torn)).toMatchObject({ error: { code: 'rule-set-unreadable' } });
  });
});

describe('a document that headquarters sends', () => {
  const bytes = (document: unknown): Uint8Array => Buffer.from(JSON.stringify(document));
  const options = { trusted, revoked: new Set<string>(), currency: 'CNY', nowMs: TEST_NOW_MS };

  const rules = (n: number) => {
    const published = publishRules(version(n));
    if (!published.ok) throw new Error(JSON.stringify(published.error));
    return bytes(signRuleSet(published.value.ruleSet, 'chain', ours.privateKey));
  };
  const policy = (n: number, key = ours.privateKey) =>
    bytes(signDocument(POLICY_SCHEMA, { ...defaultPolicy, version: n }, 'chain', key));

  it('is installed where it is newer; the same again changes nothing', () => {
    expect(installDocument(store, 'rule-set', rules(3), options)).toMatchObject({
      value: { version: 3, changed: true },
    });
    expect(installDocument(store, 'rule-set', rules(3), options)).toMatchObject({
      value: { version: 3, changed: false },
    });
    expect(installDocument(store, 'rule-set', rules(2), options)).toMatchObject({
      error: { code: 'rule-set-older' },
    });
    expect(inForce()).toBe(3);
  });

  it('of a chain that the till was just registered at counts for itself, whatever the till had alone', () => {
    const register = () =>
      store.sync.register({
        url: 'https://hq.example',
        ca: null,
        place: TEST_PLACE,
        privateKey: 'pem',
        trustedKeys: [],
        registeredAtMs: 1,
      });
    const install = (n: number) => installDocument(store, 'rule-set', rules(n), options);
    install(7 + RULE_SET_STEP_MAX);
    register();
    expect(inForce()).toBe(7 + RULE_SET_STEP_MAX);
    expect(install(3)).toMatchObject({ value: { version: 3, changed: true } });
    expect(inForce()).toBe(3);
    expect(install(2)).toMatchObject({ error: { code: 'rule-set-older' } });
    register();
    expect(install(3)).toMatchObject({ value: { version: 3, changed: false } });
    expect(install(2)).toMatchObject({ error: { code: 'rule-set-older' } });
  });

  it('may be a policy, by the same rules', () => {
    expect(installDocument(store, 'policy', policy(2), options)).toMatchObject({
      value: { version: 2, changed: true },
    });
    expect(store.documents.current('policy')?.version).toBe(2);
    expect(installDocument(store, 'policy', policy(1), options)).toMatchObject({
      error: { code: 'rule-set-older' },
    });
  });

  it('of another key, of another kind, or that is no document, is refused and changes nothing', () => {
    const refused = [
      installDocument(store, 'policy', policy(2, foreign.privateKey), options),
      installDocument(store, 'policy', rules(1), options),
      installDocument(store, 'rule-set', policy(1), options),
      installDocument(store, 'rule-set', Buffer.from('<html>'), options),
    ];
    expect(refused.map((one) => (one.ok ? null : one.error.code))).toEqual([
      'rule-set-untrusted',
      'rule-set-untrusted',
      'rule-set-untrusted',
      'rule-set-unreadable',
    ]);
    expect(store.documents.current('policy')).toBeUndefined();
    expect(inForce()).toBeUndefined();
  });
});
