import type { Article } from '../agent/contract/article.ts';
import type { Member, PointsLot } from '../agent/contract/member.ts';
import type { Store, TillPlace } from '../agent/contract/store.ts';
import type { Text } from '../agent/contract/text.ts';
import { demoArticles } from './articles.ts';
import { categories } from './categories.ts';
import { drawMembers } from './members.ts';
import { drawPointsLots } from './points-lots.ts';
import { createPrng } from './prng.ts';
import { type ShowcaseEntry, withShowcase, withShowcaseLots } from './showcase.ts';
import { type DemoStaff, demoStaff, demoStores, demoTills } from './stores.ts';
import { type Tag, tags } from './tags.ts';
import { groups, tiers } from './tiers.ts';

/** A retail chain to try Tillside with: invented people, invented articles, plausible figures. */
export interface DemoChain {
  readonly stores: readonly Store[];
  readonly tills: readonly TillPlace[];
  readonly staff: readonly DemoStaff[];
  readonly members: readonly Member[];
  readonly lots: readonly PointsLot[];
  readonly articles: readonly Article[];
  readonly tags: readonly Tag[];
  readonly groups: readonly { readonly id: string; readonly name: Text }[];
  /** Lowest member tier first. */
  readonly tiers: readonly { readonly id: string; readonly name: Text }[];
  readonly categories: Readonly<Record<string, Text>>;
  /** Members worth trying first. */
  readonly showcase: readonly ShowcaseEntry[];
}

/** The seed of the chain that `npm start` shows. */
export const DEMO_SEED = 20_261_121;

/**
 * Generates the demo chain: three stores, their staff, 5,000 members, 200 articles.
 *
 * @param seed the same seed and time give the same chain, field by field
 * @param nowMs epoch in milliseconds that days and instants are counted from
 */
export function generateDemoChain({ seed, nowMs }: { seed: number; nowMs: number }): DemoChain {
  const prng = createPrng(seed);
  const stores = demoStores();
  const staff = demoStaff(prng, stores);
  const storeIds = stores.map(({ storeId }) => storeId);
  const { members, showcase } = withShowcase(drawMembers(prng, storeIds, nowMs), nowMs);
  return {
    stores,
    tills: demoTills(stores),
    staff,
    members,
    lots: withShowcaseLots(drawPointsLots(prng, members, nowMs), showcase, nowMs),
    articles: demoArticles(),
    tags,
    groups,
    tiers: tiers.map(({ id, name }) => ({ id, name })),
    categories,
    showcase,
  };
}
