/** Member tiers of the demo chain, lowest first. */
export const DEMO_TIER_IDS = ['standard', 'silver', 'gold', 'diamond'] as const;

/** Whether a number ends in its GS1 check digit, summed from the left with alternating weights. */
export function gs1Valid(digits: string): boolean {
  const fromRight = [...digits].reverse().map(Number);
  const sum = fromRight.reduce(
    (total, digit, place) => total + digit * (place % 2 === 1 ? 3 : 1),
    0,
  );
  return sum % 10 === 0;
}

/** The values that a list holds more than once. */
export function repeated(list: readonly string[]): string[] {
  const seen = new Set<string>();
  return list.filter((value) => seen.has(value) || !seen.add(value));
}

/** The share of a list, 0 to 1, for which something holds. */
export function share<T>(list: readonly T[], holds: (one: T) => boolean): number {
  return list.filter(holds).length / list.length;
}
