import type { Rule } from '../../../../agent/contract/rules.ts';

/** Tiers that most chains have, lowest first. */
const USUAL = ['standard', 'silver', 'gold', 'platinum', 'diamond'];

/** The member tiers, lowest first: as the rules let members climb them, else as most chains order them. */
export function tierLadder(rules: readonly Rule[]): readonly string[] {
  const climbed = new Map<string, number>();
  for (const { effect } of rules) {
    if (effect.kind !== 'spend-tier') continue;
    for (const { tier, fromMinor } of effect.steps) climbed.set(tier, fromMinor);
  }
  if (climbed.size === 0) return USUAL;
  const ladder = [...climbed].sort((a, b) => a[1] - b[1]).map(([tier]) => tier);
  return [...USUAL.slice(0, 1).filter((tier) => !climbed.has(tier)), ...ladder];
}
