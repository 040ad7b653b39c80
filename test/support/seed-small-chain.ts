import type { HqDeps } from '../../sync/hq/deps.ts';
import { seedChain } from '../../sync/hq/records/seed-chain.ts';
import { testStore } from './hq.ts';
import { SMALL_RULES, smallChain } from './small-chain.ts';

/** Fills an empty headquarters with {@link smallChain}, all its members at home in the store `s1`. */
export async function seedSmallChain(
  deps: HqDeps,
  members: number,
  {
    stores = ['s1'],
    settings = {},
    rules = SMALL_RULES,
  }: {
    stores?: readonly string[];
    settings?: Parameters<typeof seedChain>[2]['settings'];
    rules?: string;
  } = {},
): Promise<void> {
  const chain = smallChain(members);
  await seedChain(
    deps,
    {
      stores: stores.map(testStore) as never,
      staff: chain.staff.map((one) => ({ ...one, storeId: null })),
      members: chain.members.map((member) => ({ ...member, homeStoreId: 's1' as never })),
      lots: chain.lots,
      articles: chain.articles,
      tags: [],
    },
    { settings, rules },
  );
}
