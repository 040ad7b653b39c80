import type { SaleId } from '../../contract/ids.ts';
import { type Entitlement, MEMBER_MAX_ENTITLEMENTS } from '../../contract/member.ts';

/** Sorts after every day that a right may end on. */
const NEVER = '9999-12-31';

/**
 * The rights of a member with those that a sale gave. Rights of sales that have ended are left out; where there is no room
 * for all, those of sales go: first what the member has for as long or longer from elsewhere, then what ends first.
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
  // Of several given by hand the longest is set last.
  const known = [...byHand].sort((a, b) => compare(lastsUntil(a), lastsUntil(b)));
  const seen = new Map(known.map((right) => [keyOf(right), lastsUntil(right)]));
  const isCopy = new Map(
    longest.map((right) => {
      const held = seen.get(keyOf(right));
      const copies = held !== undefined && held >= lastsUntil(right);
      if (!copies) seen.set(keyOf(right), lastsUntil(right));
      return [right, copies];
    }),
  );
  const needed = [...longest].sort((a, b) => Number(isCopy.get(a)) - Number(isCopy.get(b)));
  const staying = new Set(needed.slice(0, room));
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
    const key = keyOf(right);
    const known = longest.get(key);
    if (known === undefined || lastsUntil(known) < lastsUntil(right)) longest.set(key, right);
  }
  return [...longest.values()];
}

/** Rights of one kind for the same stores are one right. */
function keyOf({ kind, storeIds }: Entitlement): string {
  return JSON.stringify([kind, storeIds ?? null]);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function lastsUntil({ validUntil }: Entitlement): string {
  return validUntil ?? NEVER;
}
