/** Small pools: the fewer values, the more often rules and baskets meet at an edge. */
export const SKUS = ['a', 'b', 'c', 'd'] as const;
export const CATEGORIES = ['food', 'home', 'toys'] as const;
export const ATTRIBUTES = ['green', 'local'] as const;
export const PRICES = [0, 1, 99, 100, 250, 333, 500, 1_000, 1_999] as const;
export const TIERS = ['silver', 'gold'] as const;
export const GROUPS = ['staff', 'club'] as const;
export const TAGS = ['vip', 'vegan', 'young'] as const;
export const CODES = ['C1', 'C2', 'C3'] as const;
/** GS1 coupon numbers, and texts of coupons: with a serial, without one, 13 digits alone, a wrong check digit. */
export const GCNS = ['4006381333931', '9780201379624'] as const;
export const GCN_TEXTS = [
  '2554006381333931123',
  '2554006381333931124',
  '2554006381333931',
  '9780201379624',
  '255978020137962477',
  '2554006381333930123',
] as const;
export const CAMPAIGNS = [
  { partner: 'cinema', campaign: 'spring' },
  { partner: 'cinema', campaign: 'autumn' },
  { partner: 'books', campaign: 'spring' },
] as const;
export const VOUCHERS = ['voucher:cinema:1', 'voucher:cinema:2', 'voucher:books:1'] as const;
export const BUDGETS = ['spring', 'autumn'] as const;
export const ALLOTMENTS = ['tickets', 'seats'] as const;
/** Categories of points beside `base`. */
export const BUCKETS = ['green', 'meal'] as const;
export const SCENES = ['weekend', 'workday', 'member-day', 'festival:mid-autumn'] as const;
export const WEATHER = ['rain', 'heat'] as const;
export const GIVEN = [
  'member.tier',
  'member.tags',
  'member.daysSinceOnline',
  'scene.tags',
  'weather.tags',
] as const;
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
