import type { Prng } from './prng.ts';
import { tags } from './tags.ts';
import { groups, tiers } from './tiers.ts';

/** Spend of the running year from which a member need not queue: 10,000 yuan in minor units. */
export const PRIORITY_LANE_SPEND_MINOR = 1_000_000;

/** Sales completed from which a member without spend this year counts as sleeping. */
const SLEEPING_ORDERS = 10;

/** Fewest and most tags drawn for a member, beside those that follow from other facts. */
const DRAWN_TAGS = [6, 22] as const;

/** What the tags and groups of a member follow from. */
export interface MemberFacts {
  readonly tier: string;
  readonly yearSpendMinor: number;
  readonly completedOrders: number;
  readonly birthYear: number | null;
}

/** Standard members who have just joined and have not bought yet, and those who stay away, in basis points. */
const joinedShare = 400;
const sleepingShare = 600;
/** Sales completed in earlier years. */
const EARLIER_ORDERS_MAX = 60;
/** What one sale costs on average, by member, in minor units. */
const BASKET_MINOR = [4_000, 18_000] as const;

/** A member's tier and what they have bought so far. */
export type MemberHistory = Omit<MemberFacts, 'birthYear'>;

/** Draws tier, spend of the running year and sales completed, so that they fit each other. */
export function drawHistory(prng: Prng): MemberHistory {
  const { id: tier, yearSpendMinor } = prng.weighted(
    tiers.map((one) => [one, one.shareBasisPoints] as const),
  );
  if (tier === 'standard' && prng.chance(joinedShare)) {
    return { tier, yearSpendMinor: 0, completedOrders: 0 };
  }
  const earlier = prng.between(0, EARLIER_ORDERS_MAX);
  if (tier === 'standard' && prng.chance(sleepingShare)) {
    return { tier, yearSpendMinor: 0, completedOrders: SLEEPING_ORDERS + earlier };
  }
  const [min, max] = yearSpendMinor;
  // The lower of two draws: most members of a tier lie near its lower bound.
  const spent = Math.max(1, Math.min(prng.between(min, max), prng.between(min, max)));
  const orders = Math.ceil(spent / prng.between(...BASKET_MINOR));
  return { tier, yearSpendMinor: spent, completedOrders: orders + earlier };
}

/** Tags in catalogue order: those that follow from the facts, and a random rest. */
export function drawTags(prng: Prng, facts: MemberFacts): string[] {
  const chosen = new Set(tagsThatFollow(facts));
  const wanted = chosen.size + prng.between(...DRAWN_TAGS);
  while (chosen.size < wanted) {
    const { id } = prng.pick(tags);
    if (!factTags.has(id)) chosen.add(id);
  }
  return tags.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
}

/** Groups in catalogue order. */
export function drawGroups(prng: Prng, facts: MemberFacts): string[] {
  const basisPoints: Record<string, number> = {
    'paid-club': facts.tier === 'standard' ? 200 : 1_800,
    'green-club': 900,
    'staff-family': 80,
    corporate: facts.yearSpendMinor >= PRIORITY_LANE_SPEND_MINOR ? 900 : 60,
    parents: 1_600,
    seniors: isSenior(facts) ? 9_000 : 0,
    students: isYoung(facts) ? 5_000 : 0,
    teachers: isSenior(facts) || isYoung(facts) ? 0 : 250,
  };
  return groups.filter(({ id }) => prng.chance(basisPoints[id] ?? 0)).map(({ id }) => id);
}

/** Tags that state a fact and are therefore never drawn at random. */
const factTags = new Set([
  'new-member',
  'sleeping',
  'first-purchase-done',
  'value-high',
  'value-middle',
  'value-low',
  'generation-70s',
  'generation-80s',
  'generation-90s',
  'generation-00s',
  'senior',
  'complaint-open',
  'duplicate-suspect',
  'reseller-suspect',
]);

function tagsThatFollow(facts: MemberFacts): string[] {
  const found: string[] = [];
  if (facts.completedOrders === 0) found.push('new-member');
  if (facts.completedOrders === 1) found.push('first-purchase-done');
  if (facts.completedOrders >= SLEEPING_ORDERS && facts.yearSpendMinor === 0)
    found.push('sleeping');
  if (facts.tier === 'diamond' || facts.tier === 'gold') found.push('value-high');
  else found.push(facts.tier === 'silver' ? 'value-middle' : 'value-low');
  if (isSenior(facts)) found.push('senior');
  const generation = generationOf(facts.birthYear);
  if (generation !== null) found.push(generation);
  return found;
}

function generationOf(year: number | null): string | null {
  if (year === null || year < 1970 || year > 2009) return null;
  if (year >= 2000) return 'generation-00s';
  return `generation-${String(year).slice(2, 3)}0s`;
}

function isSenior({ birthYear }: MemberFacts): boolean {
  return birthYear !== null && birthYear < 1962;
}

function isYoung({ birthYear }: MemberFacts): boolean {
  return birthYear !== null && birthYear >= 2000;
}
