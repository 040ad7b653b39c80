import type { SourceRow } from '../support/segments.ts';
import { cardOf } from '../support/small-chain.ts';

/** Prime to every power of ten, so that multiples of it, cut to some digits, are scattered and never repeat. */
const SCATTER = 618_033_989;

/** Key of the nth member: keys are in order of `n`. */
export function memberKey(n: number): string {
  return `m-${String(n).padStart(8, '0')}`;
}

/** Phones and cards of neighbours are far apart, as in a real chain: their indexes are filled in no order. */
export function benchPhone(n: number): string {
  return `139${String((n * SCATTER) % 100_000_000).padStart(8, '0')}`;
}

export function benchCard(n: number): string {
  return cardOf((n * SCATTER) % 10_000_000_000);
}

/** The nth member as headquarters feeds it: about 300 bytes of JSON. `orders` tells one version from another. */
export function benchMember(n: number, orders = 1): string {
  return JSON.stringify({
    memberId: memberKey(n),
    name: `王小明${n}`,
    phone: benchPhone(n),
    birthday: `19${60 + (n % 40)}-0${1 + (n % 9)}-1${n % 10}`,
    cards: [benchCard(n)],
    tier: n % 5 === 0 ? 'gold' : 'standard',
    groups: ['tea-club'],
    tags: ['likes-tea', `city-${n % 300}`],
    status: 'active',
    homeStoreId: 's1',
    completedOrders: orders,
    yearSpendMinor: (n * 7_919) % 900_000,
    entitlements: [],
    updatedAt: '2026-11-21T08:30:00.000Z',
  });
}

/** Rows from `from` up to `to`, without it, in order of the key; every version has other bodies. */
export function benchRows(from: number, to: number, ver = 1): SourceRow[] {
  return Array.from({ length: to - from }, (_, i) => [
    memberKey(from + i),
    ver,
    benchMember(from + i, ver),
  ]);
}
