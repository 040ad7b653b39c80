import { withCheckDigit } from '../../../demo/check-digit.ts';
import type { HqDeps } from '../../../sync/hq/deps.ts';
import { seedChain } from '../../../sync/hq/records/seed-chain.ts';
import {
  articleSchema,
  assert,
  memberSchema,
  pointsLotSchema,
  storeSchema,
} from '../../contract/index.ts';
import { chainRules } from './chain-rules.ts';

/** Whoever sells in the simulated stores. */
export const SIM_STAFF = 'c1';
/** Members that each store has at the beginning, at least. */
export const MEMBERS_OF_STORE = 12;
/** Where more is sold there are more members: each comes about so often to each till of the store in a day. */
const SALES_OF_MEMBER = 4;
/** Points of each of them. */
export const POINTS_AT_FIRST = 500;
const FIRST = '2026-11-01T00:00:00.000Z';
const ARTICLES = ['tea', 'milk', 'soap', 'rice', 'salt'];

const RULES = chainRules('simulated', {
  spendWhen: 'member.known && basket.listMinor >= 30000',
  returnDays: 30,
});

export function storeIdOf(nth: number): string {
  return `s${nth + 1}`;
}

/** Card of the nth member of the chain, from 0. */
export function cardOf(nth: number): string {
  return withCheckDigit(`29${String(nth).padStart(10, '0')}`);
}

export function phoneOf(nth: number): string {
  return `138${String(nth).padStart(8, '0')}`;
}

export function memberIdOf(nth: number): string {
  return `member-${nth}`;
}

/** Members of each store where each till sells so often in a day. */
export function membersFor(sales: number): number {
  return Math.max(MEMBERS_OF_STORE, Math.ceil(sales / SALES_OF_MEMBER));
}

/** The first so many members of the chain. */
export function firstMembers(count: number): ReadonlySet<string> {
  return new Set(Array.from({ length: count }, (_, nth) => memberIdOf(nth)));
}

/** The nth member as they are written at headquarters. */
export function memberAt(nth: number, homeStoreId: string, updatedAt: string, edit = 0) {
  return memberSchema.parse({
    memberId: memberIdOf(nth),
    name: `会员${nth}${edit === 0 ? '' : `-${edit}`}`,
    phone: phoneOf(nth),
    cards: [cardOf(nth)],
    tier: nth % 2 === 0 ? 'gold' : 'standard',
    homeStoreId,
    updatedAt,
  });
}

/** Fills an empty headquarters with `stores` stores of `membersOfStore` members each. */
export async function fillChain(
  deps: HqDeps,
  stores: number,
  membersOfStore: number,
): Promise<void> {
  const storeIds = Array.from({ length: stores }, (_, nth) => storeIdOf(nth));
  const members = storeIds.flatMap((storeId, store) =>
    Array.from({ length: membersOfStore }, (_, n) =>
      memberAt(store * membersOfStore + n, storeId, FIRST),
    ),
  );
  const counts = await seedChain(
    deps,
    {
      stores: storeIds.map((storeId) =>
        storeSchema.parse({
          storeId,
          name: { 'zh-CN': `门店 ${storeId}`, en: `Store ${storeId}` },
          storeTier: 'standard',
          timeZone: 'Asia/Shanghai',
          currency: 'CNY',
        }),
      ),
      staff: [
        { staffId: SIM_STAFF, pin: '1111', name: 'Cashier', role: 'cashier', storeId: null },
        ...storeIds.map((storeId) => ({
          staffId: `staff-${storeId}`,
          pin: '1111',
          name: `Cashier ${storeId}`,
          role: 'cashier' as const,
          storeId,
        })),
      ] as never,
      members,
      lots: members.map(({ memberId }) =>
        pointsLotSchema.parse({
          lotId: `lot-${memberId}`,
          memberId,
          points: POINTS_AT_FIRST,
          earnedAt: FIRST,
          source: 'opening',
        }),
      ),
      articles: ARTICLES.map((sku, nth) =>
        articleSchema.parse({
          sku,
          name: { 'zh-CN': sku, en: sku },
          category: nth === 2 ? 'household' : 'food',
          priceMinor: (nth + 1) * 1_250,
        }),
      ),
      tags: [],
    },
    {
      settings: {
        join: {
          consentVersion: '1',
          consentText: { 'zh-CN': '同意', en: 'Yes' },
          tier: 'standard',
        },
        tiers: [
          { tier: 'standard', yearSpendMinorFrom: 0 },
          { tier: 'gold', yearSpendMinorFrom: 500_000 },
        ],
      },
      rules: RULES,
    },
  );
  assert(counts !== null, 'an empty headquarters takes a chain');
}
