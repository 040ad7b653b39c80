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

/** Proofs that this till can take of everybody; devices for further ones add theirs. */
export const OFFERED_MEANS: readonly EvidenceMeans[] = ['card', 'phone'];
const HOUR_MS = 3_600_000;

export interface Proof {
  readonly evidence: readonly Evidence[];
  readonly member: Member | undefined;
  readonly overrides: readonly Override[];
}

/** Is the proof given enough for this action here and now? */
export type DecideFor = (proof: Proof, action: Action, amountMinor?: number) => Decision;

/**
 * Decides by the policy in force, the store's tier and the state of this till.
 * @param offersFace whether the member's face can be asked for here
 */
export function createDecisions(
  context: TillContext,
  rules: RulesSource,
  offersFace: (member: Member) => boolean = () => false,
): DecideFor {
  function stateFor(member: Member | undefined, evidence: readonly Evidence[]): TillState {
    const staleAfterHours = rules.policy()?.staleAfterHours;
    return {
      offline: context.deps.headquarters.state().state === 'offline',
      stale:
        staleAfterHours !== undefined &&
        ((member !== undefined && isStale(member, staleAfterHours * HOUR_MS)) ||
          (evidence.some(({ means }) => means === 'pass') &&
            isDenyListStale(staleAfterHours * HOUR_MS))),
      // What was proved by a wrong clock does not become more when the clock is set right.
      clockTrusted:
        context.clock.trusted() && evidence.every(({ clockTrusted }) => clockTrusted !== false),
    };
  }

  /** A row that did not change is as fresh as the last word from headquarters. */
  function isStale({ updatedAt }: Member, limitMs: number): boolean {
    const nowMs = context.nowMs();
    if (nowMs - Date.parse(updatedAt) <= limitMs) return false;
    const { headquarters } = context.deps;
    const { state } = headquarters.state();
    if (state === 'online') return false;
    const { lastHeardMs } = headquarters.facts();
    return lastHeardMs === null || nowMs - lastHeardMs > limitMs;
  }

  /** Which keys count no more is as fresh as the last word from headquarters. */
  function isDenyListStale(limitMs: number): boolean {
    const { headquarters } = context.deps;
    if (headquarters.state().state !== 'offline') return false;
    const { lastHeardMs } = headquarters.facts();
    return lastHeardMs === null || context.nowMs() - lastHeardMs > limitMs;
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
      state: stateFor(member, evidence),
      nowMs: context.nowMs(),
      override: widest,
      offered: [
        ...offeredTo(member),
        ...(member !== undefined && offersFace(member) ? ['face' as const] : []),
      ],
    });
  };
}

/** Nobody is asked for a pass or a wallet card who has none. */
function offeredTo(member: Member | undefined): readonly EvidenceMeans[] {
  return [
    ...OFFERED_MEANS,
    ...(member?.passKeys === undefined || member.passKeys.length === 0 ? [] : ['pass' as const]),
    ...(member?.walletSecret === undefined ? [] : ['wallet' as const]),
  ];
}
