import { overAllotment } from './allowance-gate.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import type { Failure } from './condition/explain-term.ts';
import { reachedStep } from './effects/items-off.ts';
import { grantDonation } from './grant-donation.ts';
import { grantLadder } from './grant-ladder.ts';
import { raiseTier } from './raise-tier.ts';
import { type Run, settleApplied, settleWithout, withoutMember } from './run-state.ts';
import { compileSelector } from './select-lines.ts';

/** Runs one step of the lane of entitlements, gifts and tiers; the first of a group that grants anything wins. */
export function runGrantStep(run: Run, rules: readonly CompiledRule[]): void {
  const winners = new Map<string, CompiledRule>();
  for (const compiled of rules) {
    const winner = winners.get(compiled.rule.group);
    if (winner !== undefined) {
      settleWithout(run, compiled, 'lost-to', { code: 'lost-to' }, winner);
      continue;
    }
    if (overAllotment(run, compiled)) continue;
    const failure = grant(run, compiled);
    if (failure === 'settled') continue;
    if (failure !== null) {
      settleWithout(
        run,
        compiled,
        failure.code === 'member-unknown' ? withoutMember(compiled) : 'refused',
        failure,
      );
      continue;
    }
    winners.set(compiled.rule.group, compiled);
    settleApplied(run, compiled, 0, 0);
  }
}

/** Why the rule grants nothing; `settled` where that was said already. */
function grant(run: Run, compiled: CompiledRule): Failure | 'settled' | null {
  const { effect } = compiled.rule;
  switch (effect.kind) {
    case 'entitlement':
      run.entitlements.push({ kind: effect.entitlement, validDays: effect.validDays });
      return null;
    case 'gift-item':
      return grantGift(run, compiled, effect);
    case 'spend-tier': {
      if (run.input.member === null) return { code: 'member-unknown' };
      const spend = run.input.member.yearSpendMinor + run.state.runningMinor;
      const step = reachedStep(effect.steps, spend);
      if (step === undefined) return { code: 'no-effect' };
      raiseTier(run, step.tier);
      return null;
    }
    case 'month-ladder':
      return grantLadder(run, effect);
    case 'donation':
      return grantDonation(run, compiled, effect);
    default:
      throw new Error(`broken invariant: ${effect.kind} grants nothing`);
  }
}

interface Gift {
  readonly buy: { readonly target: Parameters<typeof compileSelector>[0]; readonly qty: number };
  readonly gift: {
    readonly sku: string;
    readonly qty: number;
    readonly valueMinor?: number | undefined;
  };
  readonly repeat: boolean;
}

function grantGift(run: Run, compiled: CompiledRule, effect: Gift): Failure | null {
  const matches = compileSelector(effect.buy.target);
  let units = 0;
  for (const index of run.selected(compiled.target)) {
    const line = run.state.lines[index];
    if (line !== undefined && (matches === null || matches(line))) units += line.qty;
  }
  if (units < effect.buy.qty) {
    return {
      code: 'no-effect',
      seen: String(units),
      needed: String(effect.buy.qty),
      difference: effect.buy.qty - units,
    };
  }
  const times = effect.repeat ? Math.floor(units / effect.buy.qty) : 1;
  const { sku, qty, valueMinor } = effect.gift;
  run.gifts.push({
    ruleId: compiled.rule.id,
    sku,
    qty: qty * times,
    ...(valueMinor === undefined ? {} : { valueMinor }),
  });
  return null;
}
