import type { PassCodeRefusal } from '../../sync/client/ports.ts';
import {
  err,
  type Failure,
  failure,
  type IdentificationId,
  ok,
  type PassLink,
  type Result,
} from '../contract/index.ts';
import type { TillContext } from './context.ts';
import type { DecideFor } from './decisions.ts';
import { type Identifications, isLive } from './identifications.ts';

export interface LinkPassParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly decideFor: DecideFor;
}

/**
 * Asks headquarters for a one-time code with which the member at the till links their phone as a pass. A pass proves more
 * than a card does, so whoever gets one must have shown as much as a change of personal data needs, or a manager vouches;
 * else a phone number that somebody overheard would become a pass. Needs headquarters: offline it says so.
 */
export function createLinkPass({
  context,
  identifications,
  decideFor,
}: LinkPassParts): (identificationId: IdentificationId) => Promise<Result<PassLink, Failure>> {
  const { headquarters } = context.deps;

  return async (identificationId) => {
    const known = identifications.get(identificationId);
    if (known === undefined || !isLive(known) || context.nowMs() >= known.expiresAtMs)
      return err(failure('identification-unknown', 'identificationId'));
    const { memberId } = known;
    if (memberId === null || known.outcome !== 'identified')
      return err(failure('identification-unknown', 'identificationId'));
    const decision = decideFor(identifications.proof(known), 'change-personal-data');
    if (decision.outcome !== 'enough') return ok({ outcome: 'proof-needed', decision });
    const given = await headquarters.passes.code(memberId);
    if (!given.ok) return err(failureOf(given.error));
    return ok({ outcome: 'code', ...given.value });
  };
}

function failureOf(refusal: PassCodeRefusal): Failure {
  if (refusal.code === 'pass-unreachable') return failure('pass-offline');
  switch (refusal.refusal) {
    case 'pass-codes-many':
      return failure('pass-codes-many');
    case 'pass-page-missing':
      return failure('pass-page-missing');
    // Who joined here a moment ago is not at headquarters yet.
    case 'member-unknown':
      return failure('pass-member-waiting');
    case 'member-not-active':
      return failure('pass-member-inactive');
  }
}
