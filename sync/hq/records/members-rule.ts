import { z } from 'zod';
import { storeIdSchema } from '../../../agent/contract/ids.ts';
import type { HqSession } from '../database/database.ts';

/** Regions of a chain, and stores in one of them. */
export const REGIONS_MAX = 500;
export const REGION_MAX_STORES = 500;

/**
 * The setting `members`: which stores carry a member before their first visit there. `home`: their home store. `region`:
 * every store of the regions that hold their home store.
 */
export const membersRuleSchema = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('home') }),
  z.strictObject({
    scope: z.literal('region'),
    regions: z
      .record(z.string().min(1).max(64), z.array(storeIdSchema).min(1).max(REGION_MAX_STORES))
      .refine(
        (regions) => Object.keys(regions).length <= REGIONS_MAX,
        `at most ${REGIONS_MAX} regions`,
      ),
  }),
]);
export type MembersRule = z.infer<typeof membersRuleSchema>;

export const HOME_ONLY: MembersRule = { scope: 'home' };

export interface Carrier {
  readonly storeId: string;
  readonly reason: 'home' | 'region';
}

/** The rule in force. A setting that is absent or in another form means the home store alone. */
export async function readMembersRule(session: HqSession): Promise<MembersRule> {
  const [row] = await session.query<{ body: string }>(
    "SELECT body FROM settings WHERE key = 'members'",
  );
  const parsed = row === undefined ? undefined : membersRuleSchema.safeParse(JSON.parse(row.body));
  return parsed?.success === true ? parsed.data : HOME_ONLY;
}

/** The stores that carry the members of a home store. */
export function carriersOf(rule: MembersRule, homeStoreId: string): Carrier[] {
  const home: Carrier = { storeId: homeStoreId, reason: 'home' };
  if (rule.scope === 'home') return [home];
  const near = Object.values(rule.regions)
    .filter((stores) => stores.some((storeId) => storeId === homeStoreId))
    .flat();
  const others = [...new Set<string>(near)].filter((storeId) => storeId !== homeStoreId);
  return [home, ...others.map((storeId): Carrier => ({ storeId, reason: 'region' }))];
}
