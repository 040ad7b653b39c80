import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EFFECT_KINDS } from '../../agent/contract/effects.ts';
import { ruleSourceFileSchema } from '../../agent/contract/rules.ts';
import { DEMO_SEED, generateDemoChain } from '../../demo/chain.ts';
import { publicKeyText } from '../../sync/protocol/public-key-text.ts';
import { PARTNER_KEY } from '../support/vouchers.ts';
import { repeated } from './demo-helpers.ts';

const text = readFileSync(new URL('../../demo/rules.yaml', import.meta.url), 'utf8');
const source = ruleSourceFileSchema.parse(parse(text));
const chain = generateDemoChain({ seed: DEMO_SEED, nowMs: Date.UTC(2026, 10, 21) });

/** The words in quotation marks of a pattern's first group, over the whole file. */
function quoted(pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    return [...(match[1] ?? '').matchAll(/"([^"]+)"/g)].map((word) => word[1] ?? '');
  });
}

test('no name was cut at a comma, which ends a word of a flow mapping', () => {
  const { rules } = parse(text) as { rules: { name: object }[] };
  const keys = rules.map(({ name }) => Object.keys(name).sort().join());
  expect(new Set(keys)).toEqual(new Set(['en,zh-CN']));
});

test('the rules have ids and names of their own', () => {
  expect(repeated(source.rules.map(({ id }) => id))).toEqual([]);
  for (const language of ['zh-CN', 'en'] as const) {
    expect(repeated(source.rules.map(({ name }) => name[language]))).toEqual([]);
  }
  expect(source.rules.filter(({ name }) => !/\p{Script=Han}/u.test(name['zh-CN']))).toEqual([]);
  expect(source.rules.filter(({ name }) => /\p{Script=Han}/u.test(name.en))).toEqual([]);
});

test('the rules use every lane and every kind of effect', () => {
  expect(new Set(source.rules.map(({ lane }) => lane)).size).toBe(7);
  const used = new Set(source.rules.map(({ effect }) => effect.kind));
  expect(EFFECT_KINDS.filter((kind) => !used.has(kind))).toEqual([]);
});

test('the rules name only articles and categories of the demo chain', () => {
  const skus = new Set(chain.articles.map(({ sku }) => sku));
  const named = [...text.matchAll(/\b([a-z-]+-\d\d)\b/g)]
    .map((match) => match[1] ?? '')
    .filter((word) => word in chain.categories || /-\d\d$/.test(word));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((sku) => !skus.has(sku))).toEqual([]);
  const categories = [...text.matchAll(/category: \[([^\]]+)\]/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((word) => word.trim()),
  );
  expect(categories.length).toBeGreaterThan(20);
  expect(categories.filter((category) => !(category in chain.categories))).toEqual([]);
});

test('the rules name only tags, groups, tiers and store tiers of the demo chain', () => {
  const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);
  expect(ids(chain.tags)).toEqual(expect.arrayContaining(quoted(/("[\w-]+") in member\.tags/g)));
  expect(ids(chain.groups)).toEqual(
    expect.arrayContaining(quoted(/("[\w-]+") in member\.groups/g)),
  );
  const tiers = quoted(/member\.tier (?:==|!=|in) (\[[^\]]+\]|"[^"]+")/g);
  expect(new Set(tiers)).toEqual(new Set(['standard', 'silver', 'gold', 'diamond']));
  const storeTiers = quoted(/store\.tier == ("[^"]+")/g);
  expect(chain.stores.map(({ storeTier }) => storeTier)).toEqual(
    expect.arrayContaining(storeTiers),
  );
});

test('ten points pay one yuan', () => {
  const redeem = source.rules.find(({ effect }) => effect.kind === 'points-redeem');
  expect(redeem?.effect).toMatchObject({ minorPerPoint: 10 });
});

test('points of tea pay before points of everything, and some points wait for the return window', () => {
  const steps = source.rules.flatMap(({ effect, step }) =>
    effect.kind === 'points-redeem' ? [[effect.bucket, step] as const] : [],
  );
  expect(Object.fromEntries(steps)).toEqual({ tea: 1, base: 2 });
  const waiting = source.rules.flatMap(({ effect }) =>
    effect.kind === 'points-earn' && effect.pendingDays !== undefined ? [effect.pendingDays] : [],
  );
  expect(waiting).toEqual([source.returns?.windowDays]);
});

test('each coupon rule asks for the code that it names; codes work once, a hundred times and always', () => {
  const coupons = source.rules.flatMap(({ coupon, when }) =>
    coupon === undefined ? [] : [{ coupon, when }],
  );
  for (const { coupon, when } of coupons)
    if (coupon.code !== undefined) expect(when).toContain(`"${coupon.code}" in codes`);
  expect(coupons.filter(({ coupon }) => coupon.gcn !== undefined)).toHaveLength(1);
  expect(new Set(coupons.map(({ coupon }) => JSON.stringify(coupon.uses)))).toEqual(
    new Set(['"single"', '"unlimited"', '{"times":100}']),
  );
});

test('vouchers are those of the cinema, whose public key is the test key of RFC 8032', () => {
  const asked = source.rules.flatMap(({ voucher }) => voucher ?? []);
  expect(asked.map(({ campaign }) => campaign).sort()).toEqual(['popcorn', 'tickets']);
  expect(source.partners).toMatchObject([
    { id: 'cinema', keys: [{ keyId: 'demo-only', publicKey: publicKeyText(PARTNER_KEY) }] },
  ]);
});

test('every festival of the calendar is used by a rule, and no rule asks for another one', () => {
  const asked = new Set([...text.matchAll(/"festival:([a-z-]+)"/g)].map((match) => match[1]));
  expect(new Set(source.calendar?.festivals.map(({ id }) => id))).toEqual(asked);
});
