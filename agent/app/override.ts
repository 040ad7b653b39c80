import {
  type Decision,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type SaleId,
  SPENDING_ACTIONS,
} from '../contract/index.ts';
import { appendEntry, NO_FIGURES } from './append-entry.ts';
import type { CheckPin } from './check-pin.ts';
import type { TillContext } from './context.ts';
import type { DecideFor } from './decisions.ts';
import { noFacts } from './entry-facts.ts';
import { type Identifications, isLive } from './identifications.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import type { RulesSource } from './rules-source.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller, Till } from './till.ts';

export interface OverrideParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly rules: RulesSource;
  readonly decideFor: DecideFor;
  readonly checkPin: CheckPin;
  readonly staff: StaffSessions;
}

export type OverrideRequest = Parameters<Till['override']>[1];

/**
 * A manager lets a member have what their proof is not enough for, for one action and up to the amount given; for once,
 * so a hold that rests on it uses it up.
 * It is an entry of the ledger and of the audit log, with the reason. It lifts no contradiction and names nobody.
 */
export function createOverride(
  parts: OverrideParts,
): (caller: Caller, request: OverrideRequest) => Promise<Result<Decision, Failure>> {
  const { context, identifications, rules, decideFor, checkPin, staff } = parts;

  return async (caller, request) => {
    const { identificationId, action, amountMinor, managerId, pin } = request;
    const reason = withoutPaymentCodes(context, request.reason);
    const allowed = staff.allows(caller);
    if (!allowed.ok) return allowed;
    if (amountMinor === undefined && SPENDING_ACTIONS.includes(action))
      return err(failure('invalid-input', 'amountMinor'));
    const manager = await checkPin(managerId, pin, 'manager');
    if (!manager.ok) return manager;
    const known = identifications.get(identificationId);
    if (known === undefined || !isLive(known) || context.nowMs() >= known.expiresAtMs) {
      return err(failure('identification-unknown', 'identificationId'));
    }
    const before = decideFor(identifications.proof(known), action, amountMinor);
    const next = { ...known, overrides: [...known.overrides, { action, uptoMinor: amountMinor }] };
    const after = decideFor(identifications.proof(next), action, amountMinor);
    // Nothing to lift, or nothing that a word could lift: no entry.
    if (known.outcome !== 'identified' || before.outcome === 'enough' || after.outcome !== 'enough')
      return ok(before);
    const { memberId, basketId } = known;
    const cashier = staff.show().staff?.staffId ?? null;
    const done = context.work(() => {
      const { header } = appendEntry(context, {
        ...NO_FIGURES,
        kind: 'override',
        staffId: manager.value.staffId,
        // The sale is not known yet; the identification leads to it.
        saleId: known.identificationId as string as SaleId,
        returnId: null,
        ruleSetVersion: rules.current()?.ruleSet.version ?? 0,
        policyVersion: after.policyVersion,
        exception: null,
        subject: memberId ?? 'guest',
        body: {
          v: 1,
          identificationId,
          basketId,
          memberId,
          action,
          amountMinor: amountMinor ?? null,
          reason,
          cashier,
          before,
        },
        facts: noFacts(memberId),
      });
      context.store.audit.append({
        atMs: context.nowMs(),
        staffId: manager.value.staffId,
        action: 'decision-overridden',
        detail: {
          identificationId,
          action,
          amountMinor: amountMinor ?? null,
          reason,
          cashier,
          entryId: header.entryId,
        },
      });
    });
    if (!done.ok) return done;
    identifications.put(next);
    return ok(after);
  };
}
