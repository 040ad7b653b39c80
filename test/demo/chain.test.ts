import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { articleSchema } from '../../agent/contract/article.ts';
import { memberSchema, pointsLotSchema } from '../../agent/contract/member.ts';
import { balances, pendingPoints, pointsBalance } from '../../agent/domain/points/lots.ts';
import { DEMO_SEED, generateDemoChain } from '../../demo/chain.ts';
import { SHARED_LAST_FOUR, type ShowcaseId } from '../../demo/showcase.ts';
import { DEMO_TIER_IDS, gs1Valid, repeated, share } from './demo-helpers.ts';

const nowMs = Date.UTC(2026, 10, 21, 4);
const chain = generateDemoChain({ seed: DEMO_SEED, nowMs });
const { members, lots, articles, showcase } = chain;

test('the same seed and time give the same chain, another seed another one', () => {
  expect(generateDemoChain({ seed: DEMO_SEED, nowMs })).toEqual(chain);
  expect(generateDemoChain({ seed: DEMO_SEED + 1, nowMs }).members).not.toEqual(members);
});

test('the chain has three stores of different store tiers, 5,000 members, 200 articles', () => {
  expect(chain.stores.map(({ storeTier }) => storeTier)).toEqual([
    'flagship',
    'standard',
    'express',
  ]);
  expect(members).toHaveLength(5_000);
  expect(articles).toHaveLength(200);
  expect(chain.tills.map(({ store }) => store.storeId)).toEqual(
    expect.arrayContaining(chain.stores.map(({ storeId }) => storeId)),
  );
});

test('every row is what the contract says', () => {
  for (const member of members) expect(memberSchema.safeParse(member).success).toBe(true);
  for (const lot of lots) expect(pointsLotSchema.safeParse(lot).success).toBe(true);
  for (const article of articles) expect(articleSchema.safeParse(article).success).toBe(true);
});

describe('articles', () => {
  test('carry valid, unique GTIN-13 of the prefix for demonstrations', () => {
    const gtins = articles.map(({ gtin }) => gtin ?? '');
    expect(gtins.filter((gtin) => !/^952\d{10}$/.test(gtin) || !gs1Valid(gtin))).toEqual([]);
    expect(repeated(gtins)).toEqual([]);
    expect(repeated(articles.map(({ sku }) => sku))).toEqual([]);
    expect(repeated(articles.map(({ name }) => name['zh-CN']))).toEqual([]);
  });

  test('have a category of the catalogue and both names; some are green', () => {
    for (const { category, name } of articles) {
      expect(Object.keys(chain.categories)).toContain(category);
      expect(name['zh-CN']).toMatch(/\p{Script=Han}|LED/u);
      expect(name.en).not.toMatch(/\p{Script=Han}/u);
    }
    expect(share(articles, ({ attributes }) => attributes.includes('green'))).toBeGreaterThan(0.08);
  });
});

describe('members', () => {
  test('have unique ids, phones, cards and GSRNs with right check digits', () => {
    const cards = members.flatMap((member) => member.cards);
    const gsrns = members.map(({ gsrn }) => gsrn ?? '');
    const phones = members.flatMap(({ phone }) => phone ?? []);
    for (const list of [members.map(({ memberId }) => memberId), cards, gsrns, phones]) {
      expect(repeated(list)).toEqual([]);
    }
    expect(cards.filter((card) => !/^29\d{11}$/.test(card) || !gs1Valid(card))).toEqual([]);
    expect(gsrns.filter((gsrn) => !/^952\d{15}$/.test(gsrn) || !gs1Valid(gsrn))).toEqual([]);
    expect(phones.filter((phone) => !/^1(54|61|64)\d{8}$/.test(phone))).toEqual([]);
  });

  test('are named as people in China are, two in a hundred in Latin letters', () => {
    const latin = share(members, ({ name }) => /^[\p{Script=Latin}' ]+$/u.test(name));
    const han = share(members, ({ name }) => /^\p{Script=Han}{2,4}$/u.test(name));
    expect(latin).toBeGreaterThan(0.01);
    expect(latin).toBeLessThan(0.03);
    expect(latin + han).toBe(1);
    expect(share(members, ({ name }) => name.startsWith('王'))).toBeGreaterThan(0.05);
  });

  test('spread over the tiers from many to few', () => {
    const shares = DEMO_TIER_IDS.map((tier) => share(members, (member) => member.tier === tier));
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
  });

  test('have the priority lane exactly when they spent 10,000 yuan this year', () => {
    for (const { entitlements, yearSpendMinor } of members) {
      const has = entitlements.some(({ kind }) => kind === 'priority-lane');
      expect(has).toBe(yearSpendMinor >= 1_000_000);
    }
    const spends = members.map(({ yearSpendMinor }) => yearSpendMinor);
    expect(spends).toEqual(expect.arrayContaining([999_999, 1_000_000]));
  });

  test('are mostly active; a few are blocked, expired or merged into an active one', () => {
    const byId = new Map(members.map((member) => [member.memberId, member]));
    for (const status of ['blocked', 'expired', 'merged'] as const) {
      const found = share(members, (member) => member.status === status);
      expect(found, status).toBeGreaterThan(0);
      expect(found, status).toBeLessThan(0.02);
    }
    for (const { mergedInto, status, validUntil } of members) {
      expect(mergedInto !== undefined).toBe(status === 'merged');
      if (mergedInto !== undefined) expect(byId.get(mergedInto)?.status).toBe('active');
      if (status === 'expired') expect(validUntil && validUntil < '2026-11-21').toBe(true);
    }
  });

  test('carry tags and groups of the catalogue, which has at least 200 tags in both languages', () => {
    const tagIds = new Set(chain.tags.map(({ id }) => id));
    const groupIds = new Set(chain.groups.map(({ id }) => id));
    expect(tagIds.size).toBe(chain.tags.length);
    expect(tagIds.size).toBeGreaterThanOrEqual(200);
    expect(chain.tags.filter(({ name }) => name['zh-CN'] === '' || name.en === '')).toEqual([]);
    expect(members.flatMap(({ tags }) => tags).filter((tag) => !tagIds.has(tag))).toEqual([]);
    expect(members.flatMap(({ groups }) => groups).filter((one) => !groupIds.has(one))).toEqual([]);
    expect(new Set(members.flatMap(({ tags }) => tags)).size).toBeGreaterThanOrEqual(200);
  });

  test('shop at a store of the chain', () => {
    const stores = new Set<string | undefined>(chain.stores.map(({ storeId }) => storeId));
    expect(members.filter(({ homeStoreId }) => !stores.has(homeStoreId))).toEqual([]);
  });
});

describe('points lots', () => {
  test('belong to members that are not merged, hold points but for the one who owes some, and have not expired', () => {
    const merged = new Set(
      members.filter(({ status }) => status === 'merged').map(({ memberId }) => memberId),
    );
    expect(lots.filter(({ memberId }) => merged.has(memberId))).toEqual([]);
    expect(lots.filter(({ points }) => points <= 0)).toMatchObject([{ points: -180 }]);
    expect(lots.filter(({ expiresOn }) => (expiresOn ?? '') <= '2026-11-21')).toEqual([]);
    expect(repeated(lots.map(({ lotId }) => lotId))).toEqual([]);
  });

  test('of the showcase wait, are owed and are of three categories, and add up to what its words say', () => {
    const today = '2026-11-21';
    const of = (which: ShowcaseId) => {
      const entry = showcase.find(({ id }) => id === which);
      return lots.filter(({ memberId }) => memberId === entry?.memberId);
    };
    expect(pointsBalance(of('owed'), today)).toBe(-180);
    expect(pendingPoints(of('pending'), today).points).toBe(450);
    expect([...balances(of('categories'), today).keys()].sort()).toEqual(['base', 'green', 'tea']);
  });

  test('of the first showcase member include some that expire within 30 days', () => {
    const own = lots.filter(({ memberId }) => memberId === showcase[0]?.memberId);
    expect(own.some(({ expiresOn }) => expiresOn !== undefined && expiresOn < '2026-12-21')).toBe(
      true,
    );
  });
});

describe('the showcase', () => {
  test('offers each status, the birthday of today and shared last digits', () => {
    const shown = showcase.map(({ memberId }) => members.find((one) => one.memberId === memberId));
    const statuses = new Set(shown.map((member) => member?.status));
    expect(statuses).toEqual(new Set(['active', 'blocked', 'expired', 'merged']));
    expect(shown.some((member) => member?.birthday?.endsWith('-11-21'))).toBe(true);
    expect(shown.some((member) => member?.birthday?.endsWith('-02-29'))).toBe(true);
    expect(shown.some((member) => member?.lastPurchaseOn?.online === '2026-11-11')).toBe(true);
    expect(showcase.filter(({ phone }) => phone.endsWith(SHARED_LAST_FOUR))).toHaveLength(4);
    expect(
      showcase.filter(({ card, memberId }) => {
        return !members.find((one) => one.memberId === memberId)?.cards.includes(card);
      }),
    ).toEqual([]);
  });
});

test.each([
  ['2026-11-21', { '2026-11': 468_000, '2026-10': 512_300, '2026-09': 530_000 }],
  ['2027-01-31', { '2027-01': 468_000, '2026-12': 512_300, '2026-11': 530_000 }],
])('on %s a showcase member is 320 yuan short of three full months in a row', (day, months) => {
  const other = generateDemoChain({ seed: DEMO_SEED, nowMs: Date.parse(`${day}T12:00:00+08:00`) });
  const spent = other.members.map(({ monthSpendMinor }) => monthSpendMinor);
  expect(spent.filter((one) => one !== undefined)).toEqual([months]);
});

describe('staff', () => {
  test('each store has cashiers and a manager, someone is IT, and the PINs are PINs', () => {
    for (const { storeId } of chain.stores) {
      const roles = chain.staff.filter((one) => one.storeId === storeId).map(({ role }) => role);
      expect(roles.sort()).toEqual(['cashier', 'cashier', 'cashier', 'manager']);
    }
    expect(chain.staff.filter(({ role }) => role === 'it')).toHaveLength(1);
    expect(chain.staff.filter(({ pin }) => !/^\d{4,8}$/.test(pin))).toEqual([]);
    expect(repeated(chain.staff.map(({ staffId }) => staffId))).toEqual([]);
  });
});

test('any seed and any day, a leap day too, give phones, cards and statuses that hold', () => {
  const days = fc.constantFrom(Date.UTC(2028, 1, 29, 3), Date.UTC(2027, 0, 1), nowMs);
  fc.assert(
    fc.property(fc.integer(), days, (seed, day) => {
      const other = generateDemoChain({ seed, nowMs: day }).members;
      expect(repeated(other.flatMap(({ phone }) => phone ?? []))).toEqual([]);
      expect(repeated(other.flatMap(({ cards }) => cards))).toEqual([]);
      for (const member of other.slice(0, 20)) memberSchema.parse(member);
    }),
    { numRuns: 5 },
  );
});
