/** Small pools: the fewer values, the more often rules and baskets meet at an edge. */
export const SKUS = ['a', 'b', 'c', 'd'] as const;
export const CATEGORIES = ['food', 'home', 'toys'] as const;
export const ATTRIBUTES = ['green', 'local'] as const;
export const PRICES = [0, 1, 99, 100, 250, 333, 500, 1_000, 1_999] as const;
export const TIERS = ['silver', 'gold'] as const;
export const GROUPS = ['staff', 'club'] as const;
export const TAGS = ['vip', 'vegan', 'young'] as const;
export const CODES = ['C1', 'C2', 'C3'] as const;
export const BUDGETS = ['spring', 'autumn'] as const;
export const ALLOTMENTS = ['tickets', 'seats'] as const;
export const SELECTORS = ['one', 'two'] as const;
/** 2026-11-20 is a Friday. */
export const DAYS = [20, 21, 22, 23, 24] as const;
export const SECONDS = [
  0, 1, 7_199, 7_200, 35_999, 36_000, 36_001, 79_199, 79_200, 86_399,
] as const;
export const MOMENTS = [
  '2026-11-20',
  '2026-11-20T22:00',
  '2026-11-21',
  '2026-11-21T10:00:01',
  '2026-11-22T10:00',
  '2026-11-22T23:59:59',
  '2026-11-23',
] as const;
