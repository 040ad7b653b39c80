import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { POLICY_SCHEMA } from '../../../../agent/contract/decision.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';
import { publishPolicy } from '../../../../sync/hq/documents/publish-policy.ts';
import { PUBLISH_STEP_MAX } from '../../../../sync/hq/documents/publish-refusal.ts';
import { publishRuleSet } from '../../../../sync/hq/documents/publish-rule-set.ts';
import { documentRowSchema } from '../../../../sync/protocol/feed.ts';
import { openRuleSet } from '../../../../sync/protocol/rule-set-document.ts';
import { verifyDocument } from '../../../../sync/protocol/signed-document.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { testDeps } from '../import/import-support.ts';

const demo = readFileSync(new URL('../../../../demo/rules.yaml', import.meta.url), 'utf8');
const atVersion = (version: number): string =>
  demo.replace(/^version: \d+$/m, `version: ${version}`);

describeOnEngines('publishing', (hq) => {
  it('signs a rule set that tills can open, and its row names the bytes', async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    expect(await publishRuleSet(deps, atVersion(7))).toMatchObject({
      ok: true,
      value: { version: 7, unchanged: false },
    });
    const [row] = await db.query<{ signed: Uint8Array; body: string; sha256: string }>(
      'SELECT signed, body, sha256 FROM documents',
    );
    const bytes = Buffer.from(row?.signed ?? []);
    const body = documentRowSchema.parse(JSON.parse(row?.body ?? ''));
    expect(body).toEqual({
      kind: 'rule-set',
      version: 7,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const { keyId, privateKey } = deps.keys.signing;
    const trusted = new Map([[keyId, createPublicKey(privateKey)]]);
    expect(openRuleSet(JSON.parse(bytes.toString('utf8')), trusted)).toMatchObject({
      ok: true,
      value: { version: 7 },
    });
    expect(await db.query('SELECT scope, tbl, key, urgent FROM outbox')).toEqual([
      { scope: '*', tbl: 'document', key: 'rule-set', urgent: true },
    ]);
  });

  it('is refused on any error, with the list, and the rules in force stay', async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    await publishRuleSet(deps, atVersion(1));
    const wrong = atVersion(2).replace(/lane: \S+/, 'lane: nowhere');
    const refused = await publishRuleSet(deps, wrong);
    expect(refused).toMatchObject({ ok: false, error: { code: 'content-wrong' } });
    expect(refused.ok ? [] : refused.error.problems).not.toEqual([]);
    expect(await db.query('SELECT version FROM documents')).toEqual([{ version: 1 }]);
  });

  it('only goes forward: an older version, a taken one and a jump are refused, the same again is done already', async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    const code = async (source: string) => {
      const done = await publishRuleSet(deps, source);
      return done.ok ? (done.value.unchanged ? 'unchanged' : 'published') : done.error.code;
    };
    expect(await code(atVersion(5))).toBe('published');
    expect(await code(atVersion(5))).toBe('unchanged');
    expect(await code(atVersion(4))).toBe('version-old');
    expect(
      await code(
        atVersion(5)
          .replace(/priority: 0$/m, 'priority: 1')
          .replace(/^ruleSet: .*$/m, 'ruleSet: another'),
      ),
    ).toBe('version-taken');
    expect(await code(atVersion(5 + PUBLISH_STEP_MAX + 1))).toBe('version-jumps');
    expect(await code(atVersion(5 + PUBLISH_STEP_MAX))).toBe('published');
  });

  it('refuses rules in another currency than the chain sells in', async () => {
    const db = await hq.fresh();
    const source = atVersion(1).replace('currency: CNY', 'currency: HKD');
    expect(await publishRuleSet(testDeps(db), source)).toMatchObject({
      error: { code: 'currency-wrong' },
    });
  });

  it('of two at once under one version lets one through', async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    const other = atVersion(1).replace(/^ruleSet: .*$/m, 'ruleSet: another');
    const [a, b] = await Promise.all([
      publishRuleSet(deps, atVersion(1)),
      publishRuleSet(deps, other),
    ]);
    expect([a.ok, b.ok].sort()).toEqual([false, true]);
    expect([a, b].find(({ ok }) => !ok)).toMatchObject({ error: { code: 'version-taken' } });
  });

  it('takes a policy the same way, and names the field that is wrong', async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    const policy = { ...defaultPolicy, version: 2 };
    expect(await publishPolicy(deps, JSON.stringify(policy))).toEqual({
      ok: true,
      value: { version: 2, unchanged: false },
    });
    const [row] = await db.query<{ signed: Uint8Array }>('SELECT signed FROM documents');
    const { keyId, privateKey } = deps.keys.signing;
    const trusted = new Map([[keyId, createPublicKey(privateKey)]]);
    const signed = JSON.parse(Buffer.from(row?.signed ?? []).toString('utf8'));
    expect(verifyDocument(signed, POLICY_SCHEMA, trusted)).toEqual({ ok: true, value: policy });
    const wrong = await publishPolicy(deps, 'version: 3\nlevels: []\n');
    expect(wrong.ok ? [] : wrong.error.problems.map(({ field }) => field)).toContain('levels');
    expect(await publishPolicy(deps, JSON.stringify({ ...policy, version: 1 }))).toMatchObject({
      error: { code: 'version-old' },
    });
  });
});
