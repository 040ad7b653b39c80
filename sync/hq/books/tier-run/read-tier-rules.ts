import type { RuleSet } from '../../../../agent/contract/rules.ts';
import type { HqSession } from '../../database/database.ts';
import { currentDocument } from '../../documents/store-document.ts';
import type { BookSettings } from '../settings.ts';
import type { LadderTier, TierRules } from './judge-tier.ts';

/** The rules of tiers as they are published, with the version of the rule set; null = none is. */
export async function readTierRules(
  session: HqSession,
  { tiers }: BookSettings,
): Promise<TierRules & { readonly ruleSetVersion: number | null }> {
  const published = await currentDocument(session, 'rule-set');
  const rules = (published?.payload as RuleSet | undefined)?.rules ?? [];
  const ladders = rules.flatMap(({ id, effect, condition }): LadderTier[] => {
    if (effect.kind !== 'month-ladder') return [];
    const { tier, months, fromMinor } = effect;
    return [{ ruleId: id, tier, months, fromMinor, conditional: condition !== null }];
  });
  return { steps: tiers, ladders, ruleSetVersion: published?.version ?? null };
}
