import {
  type BasketId,
  type CodeClass,
  type Evidence,
  type Identification,
  type IdentificationId,
  type IdentificationOutcome,
  type MemberId,
  type ScannedArticle,
  type Text,
  toInstant,
} from '../contract/index.ts';
import type { Override } from '../domain/auth-policy/decide.ts';
import { memberGlance, phoneLast4 } from '../domain/identify/member-glance.ts';
import { foreignCodeText, outcomeText } from '../domain/identify/sentences.ts';
import { maskName } from '../domain/privacy/mask-name.ts';
import type { TillContext } from './context.ts';
import type { DecideFor, Proof } from './decisions.ts';
import { memberNow } from './member-now.ts';

/** Identifications remembered, cleared ones included: the oldest cleared one gives way, and no further one is begun where none is. */
export const IDENTIFICATIONS_MAX = 1_000;

/** How an identification is cleared. */
export type Clearing = Extract<IdentificationOutcome, 'released' | 'timed-out' | 'done'>;

/** One identification as the till holds it; replaced whole at each change. */
export interface Known {
  readonly identificationId: IdentificationId;
  readonly outcome: IdentificationOutcome;
  readonly codeClass?: CodeClass | undefined;
  readonly article?: ScannedArticle | undefined;
  readonly evidence: readonly Evidence[];
  readonly memberId: MemberId | null;
  /** Members of an ambiguous claim, with the evidence that counts once one is chosen. */
  readonly candidates: readonly {
    readonly handle: string;
    readonly memberId: MemberId;
    readonly evidence: readonly Evidence[];
  }[];
  readonly overrides: readonly Override[];
  readonly notices: readonly Text[];
  /** Headquarters is being asked who that is. */
  readonly pending?: boolean | undefined;
  readonly basketId: BasketId | null;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

export interface Identifications {
  /** As it stands, a cleared one too; `undefined` when never known or forgotten. */
  get(id: string): Known | undefined;
  /** The one that no basket has taken, where there is one. */
  pending(): Known | undefined;
  ofBasket(basketId: string): Known | undefined;
  /** Every live one of a basket: what its settling clears. */
  allOfBasket(basketId: string): readonly Known[];
  live(): readonly Known[];
  put(known: Known): void;
  view(known: Known): Identification;
  proof(known: Known): Proof;
}

/** Whether it is neither cleared nor a code that names no member. */
export function isLive({ outcome }: Known): boolean {
  return (
    outcome !== 'released' &&
    outcome !== 'timed-out' &&
    outcome !== 'done' &&
    outcome !== 'not-a-member-code'
  );
}

/** Whether a candidate was suggested by a face: another proof has to confirm them. */
export function isByFace(evidence: readonly Evidence[]): boolean {
  return evidence.some(({ means }) => means === 'face');
}

/** The same identification, cleared: nothing of the member stays. */
export function cleared(known: Known, outcome: Clearing): Known {
  return {
    ...known,
    outcome,
    evidence: [],
    memberId: null,
    candidates: [],
    overrides: [],
    notices: [],
    pending: false,
  };
}

/** The identifications of this till: at most one that waits for a basket, and one for each basket begun. */
export function createIdentifications(
  context: TillContext,
  decideFor: DecideFor,
  onPut?: () => void,
): Identifications {
  /** Looked through at every step of a checkout: what is over lies apart, and a till keeps it for a while by the hundred. */
  const alive = new Map<string, Known>();
  const over = new Map<string, Known>();

  function live(): Known[] {
    return [...alive.values()];
  }

  function proof({ evidence, memberId, overrides }: Known): Proof {
    return {
      evidence,
      member: memberId === null ? undefined : context.store.members.byId(memberId),
      overrides,
    };
  }

  function view(known: Known): Identification {
    const { member } = proof(known);
    const glance =
      member &&
      memberGlance(
        memberNow(context, member),
        context.store.points.lots(member.memberId),
        context.local(),
      );
    const decides = known.outcome === 'identified' || known.outcome === 'contradiction';
    return {
      identificationId: known.identificationId,
      outcome: known.outcome,
      ...(known.codeClass === undefined ? {} : { codeClass: known.codeClass }),
      ...(known.article === undefined ? {} : { article: known.article }),
      means: [...new Set(known.evidence.map((one) => one.means))],
      ...(glance === undefined ? {} : { member: glance }),
      candidates: known.candidates.flatMap(({ handle, memberId, evidence }) => {
        const candidate = context.store.members.byId(memberId);
        if (candidate === undefined) return [];
        return [
          {
            handle,
            maskedName: maskName(candidate.name),
            // The digits confirm whom a face suggests: they are to come from the member and not off the screen.
            ...(isByFace(evidence) ? {} : phoneLast4(candidate.phone)),
            tier: candidate.tier,
          },
        ];
      }),
      sentence: sentenceOf(known),
      notices: [...known.notices],
      ...(known.pending === true ? { pending: true } : {}),
      ...(decides ? { decision: decideFor(proof(known), 'earn-points') } : {}),
      ...(known.basketId === null ? {} : { basketId: known.basketId }),
      at: toInstant(known.atMs),
      expiresAt: toInstant(known.expiresAtMs),
    };
  }

  return {
    get: (id) => alive.get(id) ?? over.get(id),
    pending: () => live().find((known) => known.basketId === null),
    ofBasket: (basketId) => live().find((known) => known.basketId === basketId),
    allOfBasket: (basketId) => live().filter((known) => known.basketId === basketId),
    live,
    put(known) {
      const id = known.identificationId;
      alive.delete(id);
      over.delete(id);
      (isLive(known) ? alive : over).set(id, known);
      onPut?.();
      if (alive.size + over.size <= IDENTIFICATIONS_MAX) return;
      const crowded = over.size > 0 ? over : alive;
      const [oldest] = crowded.keys();
      if (oldest !== undefined) crowded.delete(oldest);
    },
    view,
    proof,
  };
}

function sentenceOf({ outcome, codeClass }: Known): Text {
  if (outcome !== 'not-a-member-code') return outcomeText(outcome);
  return foreignCodeText(codeClass === undefined || codeClass === 'member' ? 'unknown' : codeClass);
}
