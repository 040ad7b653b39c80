import {
  assert,
  type BasketId,
  type Evidence,
  err,
  type FaceDetector,
  type Failure,
  failure,
  type Identification,
  type IdentificationId,
  KIND_OF_MEANS,
  type Liveness,
  type MemberId,
  ok,
  type Result,
  toInstant,
} from '../../contract/index.ts';
import type { TillContext } from '../context.ts';
import { EVIDENCE_TTL_SECONDS_MIN } from '../find-members.ts';
import type { Identifications, Known } from '../identifications.ts';
import type { Identify } from '../identify.ts';
import type { RulesSource } from '../rules-source.ts';
import { createSettleIdentification } from '../settle-identification.ts';
import { createWeighProof } from '../weigh-proof.ts';
import type { FaceModelFacts } from './ports.ts';

export interface FaceProofsParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly identify: Identify;
  readonly rules: RulesSource;
  readonly model: FaceModelFacts;
  /** The camera's id. */
  readonly deviceId: string;
}

/** What was seen of one member. */
export interface Seen {
  readonly memberId: MemberId;
  /** In the model's metric. */
  readonly distance: number;
  readonly qualityBp: number;
  readonly liveness: Liveness;
  /** With `vendor`: which detector said so. */
  readonly detector?: FaceDetector | undefined;
  /** Among how many people a search found them; absent = they were compared alone. */
  readonly among?: number | undefined;
}

/** How a face enters the identification of a member: as one proof beside others, or as a suggestion. Never alone as a login. */
export interface FaceProofs {
  /** The member whom an identification names, where it still does; `identification-unknown` otherwise. */
  claimed(id: IdentificationId): Result<Known & { readonly memberId: MemberId }, Failure>;
  /**
   * Adds the face to an identification of the same member. Fails as {@link FaceProofs.claimed}, where it is about
   * somebody else by now, and with `basket-held`.
   */
  proved(id: IdentificationId, seen: Seen): Result<Identification, Failure>;
  /** Fails with `face-member-there` where the sale has a member, and as `Identify.takesMembers`. */
  free(basketId: BasketId | null): Result<void, Failure>;
  /** Suggests members, most alike first; another proof confirms one of them. Fails as {@link FaceProofs.free}. */
  suggested(seen: readonly Seen[], basketId: BasketId | null): Result<Identification, Failure>;
  /**
   * Takes the faces of members who may not be recognised any more out of what is under way; a basket that is held keeps
   * its promise. Fails as writing to the disk does.
   */
  drop(mayBeRecognised: (memberId: MemberId) => boolean): Result<void, Failure>;
}

export function createFaceProofs(parts: FaceProofsParts): FaceProofs {
  const { context, identifications, identify, rules, model, deviceId } = parts;
  const { settle } = createSettleIdentification(context, identifications);
  const proofs = createWeighProof(context, rules);

  function evidence({
    memberId,
    distance,
    qualityBp,
    liveness,
    detector,
    among = 1,
  }: Seen): Evidence {
    const atMs = context.nowMs();
    const ttlSeconds = rules.policy()?.evidenceTtlSeconds ?? EVIDENCE_TTL_SECONDS_MIN;
    const score = model.scoreMilliNats?.(distance);
    return {
      means: 'face',
      kind: KIND_OF_MEANS.face,
      source: deviceId,
      memberId,
      claim: false,
      qualityBp,
      ...(score === undefined ? {} : { scoreMilliNats: Math.round(score) }),
      ...(among > 1 ? { among } : {}),
      liveness,
      ...(detector === undefined ? {} : { detector }),
      at: toInstant(atMs),
      expiresAt: toInstant(atMs + ttlSeconds * 1_000),
    };
  }

  function claimed(id: IdentificationId): ReturnType<FaceProofs['claimed']> {
    identify.sweep();
    const known = identifications.get(id);
    if (known?.outcome !== 'identified' || known.memberId === null)
      return err(failure('identification-unknown', 'identificationId'));
    return ok({ ...known, memberId: known.memberId });
  }

  function free(basketId: BasketId | null): Result<void, Failure> {
    identify.sweep();
    const open = identify.takesMembers(basketId ?? undefined);
    if (!open.ok) return open;
    const there =
      basketId === null ? identifications.pending() : identifications.ofBasket(basketId);
    return there === undefined || there.memberId === null
      ? ok(undefined)
      : err(failure('face-member-there', 'basketId'));
  }

  return {
    claimed,
    free,
    proved(id, seen) {
      const known = claimed(id);
      if (!known.ok) return known;
      if (known.value.memberId !== seen.memberId)
        return err(failure('identification-unknown', 'identificationId'));
      const open = identify.takesMembers(known.value.basketId ?? undefined);
      if (!open.ok) return open;
      const member = context.store.members.byId(seen.memberId);
      assert(member !== undefined, 'whoever is identified is known');
      const others = known.value.evidence.filter(({ means }) => means !== 'face');
      const news = proofs.named(member, [...others, evidence(seen)], known.value.notices);
      return settle(known.value, news, known.value.basketId);
    },
    suggested(seen, basketId) {
      const open = free(basketId);
      if (!open.ok) return open;
      const candidates = seen.map((one, index) => ({
        handle: String(index + 1),
        memberId: one.memberId,
        evidence: [evidence(one)],
      }));
      const nobody = { evidence: [], memberId: null, notices: [] };
      return settle(undefined, { ...nobody, outcome: 'ambiguous', candidates }, basketId);
    },
    drop(mayBeRecognised) {
      const gone = ({ means, memberId }: Evidence): boolean =>
        means === 'face' && !mayBeRecognised(memberId);
      for (const known of identifications.live()) {
        const evidence = known.evidence.filter((one) => !gone(one));
        const candidates = known.candidates.filter((one) => !one.evidence.some(gone));
        const same =
          evidence.length === known.evidence.length &&
          candidates.length === known.candidates.length;
        if (same || !identify.takesMembers(known.basketId ?? undefined).ok) continue;
        const outcome =
          known.outcome === 'ambiguous' && candidates.length === 0 ? 'unknown' : known.outcome;
        const done = settle(known, { ...known, outcome, evidence, candidates }, known.basketId);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}
