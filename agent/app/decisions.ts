import type {
  Action,
  Decision,
  Evidence,
  EvidenceMeans,
  Member,
  TillState,
} from '../contract/index.ts';
import { decide, type Override } from '../domain/auth-policy/decide.ts';
import type { TillContext } from './context.ts';
import type { RulesSource } from './rules-source.ts';

/** Proofs that this till can take; devices for further ones add theirs. */
export const OFFERED_MEANS: readonly EvidenceMeans[] = ['card', 'phone'];
const HOUR_MS = 3_600_000;

export interface Proof {
  readonly evidence: readonly Evidence[];
  readonly member: Member | undefined;
  readonly overrides: readonly Override[];
}

/** Is the proof given enough for this action here and now? */
export type DecideFor = (proof: Proof, action: Action, amountMinor?: number) => Decision;

/** Decides by the policy in force, the store's tier and the state of this till. */
export function createDecisions(context: TillContext, rules: RulesSource): DecideFor {
  function stateFor(member: Member | undefined): TillState {
    const staleAfterHours = rules.policy()?.staleAfterHours;
    const ageMs = member === undefined ? 0 : context.nowMs() - Date.parse(member.updatedAt);
    return {
      offline: context.deps.headquarters.state().state === 'offline',
      stale: staleAfterHours !== undefined && ageMs > staleAfterHours * HOUR_MS,
      clockTrusted: context.clock.trusted(),
    };
  }

  return ({ evidence, member, overrides }, action, amountMinor) => {
    const fitting = overrides.filter((one) => one.action === action);
    const widest =
      fitting.find((one) => one.uptoMinor === undefined) ??
      fitting.toSorted((a, b) => (b.uptoMinor ?? 0) - (a.uptoMinor ?? 0))[0];
    return decide({
      policy: rules.policy(),
      action,
      amountMinor,
      storeTier: context.deps.place.store.storeTier,
      evidence,
      state: stateFor(member),
      nowMs: context.nowMs(),
      override: widest,
      offered: OFFERED_MEANS,
    });
  };
}
