import type { Article } from '../../../agent/contract/article.ts';
import type { Member, PointsLot } from '../../../agent/contract/member.ts';
import { assert } from '../../../agent/contract/result.ts';
import type { Staff } from '../../../agent/contract/staff.ts';
import type { Store } from '../../../agent/contract/store.ts';
import type { Text } from '../../../agent/contract/text.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqDeps } from '../deps.ts';
import { publishRuleSet } from '../documents/publish-rule-set.ts';
import { inBulk } from './bulk.ts';
import { HOME_ONLY } from './members-rule.ts';
import { hashPin } from './staff-pin.ts';
import { writeArticles, writeStaff, writeStores, writeTags } from './write-chain.ts';
import { writeMembers } from './write-members.ts';
import { type SettingKey, writeSetting } from './write-settings.ts';

/** Members written in one transaction. */
export const SEED_BATCH_MEMBERS = 1_000;

/** A whole chain, as the demo generates it. */
export interface ChainSeed {
  readonly stores: readonly Store[];
  readonly staff: readonly (Staff & { readonly pin: string; readonly storeId: string | null })[];
  readonly members: readonly Member[];
  readonly lots: readonly PointsLot[];
  readonly articles: readonly Article[];
  readonly tags: readonly { readonly id: string; readonly name: Text }[];
}

export interface SeedCounts {
  readonly stores: number;
  readonly staff: number;
  readonly members: number;
  readonly lots: number;
  readonly articles: number;
  readonly tags: number;
  readonly ruleSetVersion: number;
}

const SEEDED = 'seeded';

/**
 * Fills an HQ with a chain, once: an HQ that was filled before is left as it is, because its tills have sold since. A
 * run that was cut off is done again.
 * @param settings by key, see `SETTING_SCHEMAS`
 * @param rules YAML of the rule set that is published
 * @returns `null` where the chain was there already
 */
export async function seedChain(
  deps: HqDeps,
  chain: ChainSeed,
  { settings, rules }: { settings: Readonly<Partial<Record<SettingKey, unknown>>>; rules: string },
): Promise<SeedCounts | null> {
  const { db } = deps;
  const [done] = await db.query('SELECT value FROM hq_meta WHERE name = $1', [SEEDED]);
  if (done !== undefined) return null;
  const pins = new Map<string, string>();
  for (const { pin } of chain.staff) {
    if (!pins.has(pin)) pins.set(pin, await hashPin(pin, deps.random));
  }
  await inBulk(db, async (tx) => {
    await writeStores(tx, chain.stores);
    await writeTags(
      tx,
      chain.tags.map(({ id, name }) => ({ tag: id, name })),
    );
    await writeArticles(tx, chain.articles);
    await writeStaff(
      tx,
      chain.staff.map(({ pin, storeId, ...person }) => ({
        ...person,
        pinHash: pins.get(pin) ?? '',
        storeIds: storeId === null ? null : [storeId as Store['storeId']],
      })),
    );
    for (const [key, value] of Object.entries(settings)) {
      const written = await writeSetting(tx, key as SettingKey, value, deps.nowMs());
      assert(written.ok, `the setting ${key} of a seed is in order`);
    }
  });
  const accounts = accountsOf(chain.lots);
  for (let at = 0; at < chain.members.length; at += SEED_BATCH_MEMBERS) {
    const members = chain.members.slice(at, at + SEED_BATCH_MEMBERS);
    await inBulk(db, (tx) =>
      writeMembers(tx, {
        members,
        accounts: members.flatMap(({ memberId }) => accounts.get(memberId) ?? []),
        rule: HOME_ONLY,
        nowMs: deps.nowMs(),
      }),
    );
  }
  const published = await publishRuleSet(deps, rules);
  assert(published.ok, 'the rules of a seed publish without an error');
  await db.query('INSERT INTO hq_meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    SEEDED,
    new Date(deps.nowMs()).toISOString(),
  ]);
  return {
    stores: chain.stores.length,
    staff: chain.staff.length,
    members: chain.members.length,
    lots: chain.lots.length,
    articles: chain.articles.length,
    tags: chain.tags.length,
    ruleSetVersion: published.value.version,
  };
}

function accountsOf(lots: readonly PointsLot[]): Map<string, PointsAccount> {
  const accounts = new Map<string, PointsAccount>();
  for (const { memberId, ...lot } of lots) {
    const before = accounts.get(memberId);
    accounts.set(memberId, { memberId, lots: [...(before?.lots ?? []), lot], booked: {} });
  }
  return accounts;
}
