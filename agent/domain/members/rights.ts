import type { SaleId } from '../../contract/ids.ts';
import { type Entitlement, MEMBER_MAX_ENTITLEMENTS } from '../../contract/member.ts';

/** Sorts after every day that a right may end on. */
const NEVER = '9999-12-31';

/**
 * The rights of a member with those that a sale gave. Rights of sales that have ended are left out; where there is no room
 * for all, those of sales that end first go.
 * @param today `YYYY-MM-DD`
 */
export function addRights(
  held: readonly Entitlement[],
  saleId: SaleId,
  given: readonly Entitlement[],
  today: string,
): Entitlement[] {
  const kept = held.filter(
    (right) =>
      right.saleId === undefined || (right.saleId !== saleId && lastsUntil(right) >= today),
  );
  const byHand = kept.filter((right) => right.saleId === undefined);
  const ofSales = [
    ...kept.filter((right) => right.saleId !== undefined),
    ...given.map((right) => ({ ...right, saleId })),
  ];
  const room = Math.max(0, MEMBER_MAX_ENTITLEMENTS - byHand.length);
  const longest = [...ofSales].sort((a, b) => compare(lastsUntil(b), lastsUntil(a)));
  const staying = new Set(longest.slice(0, room));
  return [...byHand, ...ofSales.filter((right) => staying.has(right))];
}

/** The rights of a member without those that a sale gave: all of its goods came back. */
export function endRights(held: readonly Entitlement[], saleId: string): Entitlement[] {
  return held.filter((right) => right.saleId !== saleId);
}

/** The rights that a member has on a day, each once and as long as the longest of them lasts. */
export function rightsOn(held: readonly Entitlement[], today: string): Entitlement[] {
  const longest = new Map<string, Entitlement>();
  for (const { saleId: _source, ...right } of held) {
    if (lastsUntil(right) < today) continue;
    const key = JSON.stringify([right.kind, right.storeIds ?? null]);
    const known = longest.get(key);
    if (known === undefined || lastsUntil(known) < lastsUntil(right)) longest.set(key, right);
  }
  return [...longest.values()];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function lastsUntil({ validUntil }: Entitlement): string {
  return validUntil ?? NEVER;
}
