import type { Rule, RuleSet } from '../../../../agent/contract/rules.ts';
import { monthOf, yearOf } from '../../../../agent/domain/calendar/month.ts';
import type { SignedDocument } from '../../../protocol/signed-document.ts';
import type { HqSession } from '../../database/database.ts';
import { chainDay } from '../chain-day.ts';
import type { BookSettings } from '../settings.ts';
import type { LadderTier, SpendTier, TierRules } from './judge-tier.ts';

export interface TierRulesFound extends TierRules {
  /** null = no rule set is published. */
  readonly ruleSetVersion: number | null;
}

/**
 * The rules of tiers that were in force at some time since the year before a month's own: what a rule gave is held for longer
 * than the rule may be.
 * @param month the month that is judged
 */
export async function readTierRules(
  session: HqSession,
  { tiers }: BookSettings,
  { month, timeZone }: { readonly month: string; readonly timeZone: string },
): Promise<TierRulesFound> {
  const sets = await session.query<{ version: number; until_ms: number | null }>(
    `SELECT version, until_ms FROM (
       SELECT version, signed, lead(published_at_ms) OVER (ORDER BY version) AS until_ms
       FROM documents WHERE kind = 'rule-set') AS sets
     WHERE until_ms IS NULL OR (until_ms >= $1 AND (position('"month-ladder"' IN convert_from(signed, 'UTF8')) > 0
       OR position('"spend-tier"' IN convert_from(signed, 'UTF8')) > 0))
     ORDER BY version`,
    [Date.UTC(yearOf(month) - 1, 0, 1)],
  );
  const ladders = new Map<string, LadderTier>();
  const spendTiers = new Map<string, SpendTier>();
  for (const { version, until_ms } of sets) {
    const lastMonth = until_ms === null ? null : monthOf(chainDay(until_ms, timeZone));
    for (const { id, effect, conditional } of await tierRulesOf(session, version)) {
      if (effect.kind === 'month-ladder') {
        const { tier, months, fromMinor } = effect;
        const ladder = { ruleId: id, tier, months, fromMinor, conditional };
        // The later set says how long the same ladder lasted.
        ladders.set(JSON.stringify(ladder), { ...ladder, lastMonth });
      }
      if (effect.kind === 'spend-tier')
        for (const { tier, fromMinor } of effect.steps) {
          const step = { tier, fromMinor, conditional: conditional || lastMonth !== null };
          spendTiers.set(JSON.stringify(step), step);
        }
    }
  }
  return {
    steps: tiers,
    ladders: [...ladders.values()],
    spendTiers: [...spendTiers.values()],
    ruleSetVersion: sets.at(-1)?.version ?? null,
  };
}

type TierRule = Pick<Rule, 'id' | 'effect'> & { readonly conditional: boolean };

/** One set at a time: a large one takes megabytes. */
async function tierRulesOf(session: HqSession, version: number): Promise<TierRule[]> {
  const [row] = await session.query<{ signed: Uint8Array }>(
    "SELECT signed FROM documents WHERE kind = 'rule-set' AND version = $1",
    [version],
  );
  if (row === undefined) return [];
  const { payload } = JSON.parse(Buffer.from(row.signed).toString('utf8')) as SignedDocument;
  return (payload as RuleSet).rules
    .filter(({ effect }) => effect.kind === 'month-ladder' || effect.kind === 'spend-tier')
    .map((rule) => ({ id: rule.id, effect: rule.effect, conditional: isConditional(rule) }));
}

/** Whether a rule asks for more than figures: a basket, a time, a code, a use that is left. Only a till can judge that. */
function isConditional({
  condition,
  window,
  limits,
  allotment,
  coupon,
  voucher,
  budget,
  target,
}: Rule): boolean {
  const asked = [window, allotment, coupon, voucher, budget];
  return (
    condition !== null ||
    limits.length > 0 ||
    Object.keys(target).length > 0 ||
    asked.some((one) => one !== undefined)
  );
}
