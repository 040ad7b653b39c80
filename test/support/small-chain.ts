import { type ChainPackage, chainPackageSchema } from '../../agent/main/chain-package.ts';
import { chainRules } from '../../agent/main/simulate/chain-rules.ts';
import { withCheckDigit } from '../../demo/check-digit.ts';

/** The staff of {@link smallChain}. */
export const CASHIER = { staffId: 'c1', pin: '1111' } as const;
export const MANAGER = { staffId: 'm1', pin: '2222' } as const;

/** Member card of the nth member of {@link smallChain}, from 0. */
export function cardOf(nth: number): string {
  return withCheckDigit(`29${String(nth).padStart(10, '0')}`);
}

/** Phone of the nth member. */
export function phoneOf(nth: number): string {
  return `138${String(70_000_000 + nth * 7_919).slice(-8)}`;
}

/** Name of the nth member: unmistakable, so that a search of bytes cannot find it by chance. */
export function nameOf(nth: number): string {
  return `欧阳${String.fromCharCode(0x5f20 + nth)}${String.fromCharCode(0x7ae0 + nth)}`;
}

/** A chain of `members` members with 1,000 points each, two members of staff and three articles. */
export function smallChain(members: number): ChainPackage {
  const at = '2026-11-01T00:00:00.000Z';
  return chainPackageSchema.parse({
    schema: 'tillside/chain-package/1',
    staff: [
      { ...CASHIER, name: 'Cashier', role: 'cashier' },
      { ...MANAGER, name: 'Manager', role: 'manager' },
    ],
    members: Array.from({ length: members }, (_, nth) => ({
      memberId: `member-${nth}`,
      name: nameOf(nth),
      phone: phoneOf(nth),
      cards: [cardOf(nth)],
      tier: nth % 2 === 0 ? 'gold' : 'standard',
      entitlements: nth % 5 === 0 ? [{ kind: 'priority-lane' }] : [],
      updatedAt: at,
    })),
    lots: Array.from({ length: members }, (_, nth) => ({
      lotId: `lot-${nth}`,
      memberId: `member-${nth}`,
      points: 1_000,
      earnedAt: at,
      source: 'opening',
    })),
    articles: ['tea', 'milk', 'soap'].map((sku, nth) => ({
      sku,
      gtin: withCheckDigit(`95200000000${nth}`),
      name: { 'zh-CN': sku, en: sku },
      category: nth === 2 ? 'household' : 'food',
      priceMinor: (nth + 1) * 1_250,
    })),
  });
}

/** Rules with one of each lane that touches the ledger: a discount, points spent, points earned. */
export const SMALL_RULES = chainRules('small', { spendWhen: 'member.known' });
