import {
  assert,
  type BasketId,
  err,
  type Failure,
  failure,
  type Identification,
  type IdentificationOutcome,
  type IdentifyRequest,
  ok,
  type Result,
} from '../contract/index.ts';
import { createAskHeadquarters, questionOf } from './ask-headquarters.ts';
import { isSettled } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import type { IsOpenFor } from './credential-check.ts';
import { type Found, type FoundMember, findMembers, type Presented } from './find-members.ts';
import { type Identifications, isByFace, isLive, type Known } from './identifications.ts';
import type { RulesSource } from './rules-source.ts';
import { createSettleIdentification } from './settle-identification.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Answer, Caller } from './till.ts';
import { createWeighProof } from './weigh-proof.ts';

export interface IdentifyParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly rules: RulesSource;
  readonly staff: StaffSessions;
  /** Whether the basket's hold stands: then its member may not be taken away. */
  readonly isHeld: (basketId: string) => boolean;
}

export interface Identify {
  /** A program waits for what headquarters says of somebody unknown; a screen gets it as an event. */
  identify(caller: Caller, request: IdentifyRequest): Answer<Identification>;
  /** A member's code that a scanner of the till itself read. */
  scanned(
    code: Extract<Presented, { kind: 'code' }>,
    deviceId: string,
  ): Result<Identification, Failure>;
  /** Members who were found by other means than a code or digits, e.g. because they have just joined. */
  found(
    found: FoundMember,
    source: string,
    basketId: BasketId | undefined,
  ): Result<Identification, Failure>;
  /** Whether somebody may be identified for the basket: fails with `basket-held` and `basket-settled`. */
  takesMembers(basketId: BasketId | undefined): Result<void, Failure>;
  choose(caller: Caller, id: string, handle: string): Result<Identification, Failure>;
  release(caller: Caller, id: string): Result<Identification, Failure>;
  show(id: string): Result<Identification, Failure>;
  /** Gives the identification to the basket; see `EvaluateRequest.identificationId`. */
  bind(id: string, basketId: BasketId): Result<Known, Failure>;
  /** Clears what has run out. */
  sweep(): void;
  /** Takes up again the identifications of the sales that were open when the till stopped. */
  restore(): void;
}

/** How many open sales are looked at on a restart. */
const RESTORED_MAX = 1_000;

/** Identification: from what is shown to a member bound to one basket. */
export function createIdentify({
  context,
  identifications,
  rules,
  staff,
  isHeld,
}: IdentifyParts): Identify {
  const { store } = context;
  const { blank, ttlMs, settle, clear } = createSettleIdentification(context, identifications);
  const proofs = createWeighProof(context, rules);
  const unknowns = createAskHeadquarters({ context, identifications, proofs, isHeld, settle });

  function handle(
    presented: Presented,
    source: string,
    identificationId?: string,
    basketId?: BasketId,
  ): Result<Identification, Failure> {
    sweep();
    const begun =
      identificationId === undefined ? undefined : identifications.get(identificationId);
    if (identificationId !== undefined && (begun === undefined || !isLive(begun)))
      return err(failure('identification-unknown', 'identificationId'));
    if (
      begun !== undefined &&
      basketId !== undefined &&
      begun.basketId !== null &&
      begun.basketId !== basketId
    ) {
      return err(failure('identification-bound', 'basketId'));
    }
    const found = findMembers(context, presented, isOpenFor(begun, basketId));
    if (found.kind === 'foreign') return ok(identifications.view(remembered(foreign(found))));
    const again = found.kind === 'again' ? identifications.get(found.identificationId) : undefined;
    if (again !== undefined && (basketId === undefined || again.basketId === basketId))
      return ok(identifications.view(again));
    const field = basketId === undefined ? 'identificationId' : 'basketId';
    const open = takesMembers(basketId ?? begun?.basketId ?? null, field);
    if (!open.ok) return open;
    const unsettled = notSettled(basketId, field);
    if (!unsettled.ok) return unsettled;
    if (again !== undefined) return settle(again, again, basketId ?? again.basketId);
    if (found.kind !== 'member') return refuse(found, begun, basketId);
    const known = begun ?? sameMemberWaiting(found, basketId);
    const news =
      known === undefined
        ? proofs.fresh(found, source)
        : proofs.added(known, found, presented, source);
    const bound = basketId ?? known?.basketId ?? null;
    const question = news.outcome === 'unknown' ? questionOf(context, presented) : undefined;
    if (question === undefined) {
      const done = settle(known, news, bound, found.by?.taken);
      if (done.ok) askBeside(found);
      return done;
    }
    return unknowns.settle(known, news, bound, { question, presented, source });
  }

  /** A code that was taken is the same showing only for the identification that took it, never for another basket. */
  function isOpenFor(begun: Known | undefined, basketId: BasketId | undefined): IsOpenFor {
    return (id, { keyId, step, counter }) => {
      const taker = identifications.get(id);
      const holds = taker?.evidence.some(
        ({ credential: use }) =>
          use?.keyId === keyId && use.step === step && use.counter === counter,
      );
      if (taker === undefined || !isLive(taker) || holds !== true) return false;
      if (begun !== undefined) return begun.identificationId === id;
      return basketId === undefined || taker.basketId === null || taker.basketId === basketId;
    };
  }

  /** What is known of the sale stays, with the reason beside it; where nobody is, that is the answer. */
  function refuse(
    found: Extract<Found, { kind: 'refused' | 'again' }>,
    begun: Known | undefined,
    basketId: BasketId | undefined,
  ): Result<Identification, Failure> {
    assert(found.kind === 'refused', 'a code that was read again has its identification');
    const waiting =
      begun ??
      (basketId === undefined ? identifications.pending() : identifications.ofBasket(basketId));
    const bound = basketId ?? waiting?.basketId ?? null;
    return settle(waiting, proofs.refused(waiting, found.notice), bound);
  }

  /** Headquarters tells the rest of a member whom only a certificate names; it comes as any change of a member does. */
  function askBeside({ by }: FoundMember): void {
    const { provisional } = by?.taken ?? {};
    if (provisional === undefined) return;
    context.deps.headquarters.lookup
      .find({ by: 'member', value: provisional.memberId })
      .catch((error: unknown) =>
        context.deps.log('error', 'asking headquarters broke', {
          error: error instanceof Error ? error.name : typeof error,
        }),
      );
  }

  /** Payment was asked for what this member gets, so until the hold is over nobody else comes in. */
  function takesMembers(basketId: BasketId | null, field: string): Result<void, Failure> {
    return basketId !== null && isHeld(basketId)
      ? err(failure('basket-held', field, { basketId }))
      : ok(undefined);
  }

  function notSettled(basketId: BasketId | undefined, field: string): Result<void, Failure> {
    return basketId !== undefined && isSettled(context, basketId)
      ? err(failure('basket-settled', field))
      : ok(undefined);
  }

  /** A member who scans twice, or shows a second proof, keeps the identification; anybody else begins another. */
  function sameMemberWaiting(
    found: FoundMember,
    basketId: BasketId | undefined,
  ): Known | undefined {
    const waiting =
      (basketId === undefined ? undefined : identifications.ofBasket(basketId)) ??
      identifications.pending();
    const [only] = found.members;
    const same =
      waiting?.outcome === 'identified' &&
      found.members.length === 1 &&
      waiting.memberId === only?.memberId;
    return same ? waiting : undefined;
  }

  function foreign({ codeClass, article }: Extract<Found, { kind: 'foreign' }>): Known {
    return { ...blank(null), outcome: 'not-a-member-code', codeClass, article };
  }

  function remembered(known: Known): Known {
    identifications.put(known);
    return known;
  }

  function show(id: string): Result<Identification, Failure> {
    const known = identifications.get(id);
    return known === undefined
      ? err(failure('identification-unknown', 'id'))
      : ok(identifications.view(known));
  }

  function sweep(): void {
    const nowMs = context.nowMs();
    for (const known of identifications.live()) {
      const held = known.basketId !== null && isHeld(known.basketId);
      if (!held && nowMs >= known.expiresAtMs) clear(known, 'timed-out');
    }
  }

  return {
    sweep,
    identify(caller, { text, aim, symbology, phoneDigits, identificationId, basketId }) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const presented: Presented | undefined =
        phoneDigits !== undefined
          ? { kind: 'phone', digits: phoneDigits }
          : text !== undefined
            ? { kind: 'code', text, aim, symbology }
            : undefined;
      if (presented === undefined) return err(failure('invalid-input', 'text'));
      const done = handle(presented, sourceOf(caller), identificationId, basketId);
      if (!done.ok || caller.kind === 'screen') return done;
      // A program gets the whole answer in one call; the question has a deadline of its own.
      const answered = unknowns.answered(done.value.identificationId);
      return answered === undefined ? done : answered.then(() => show(done.value.identificationId));
    },
    scanned: (code, deviceId) => handle(code, deviceId),
    found: (found, source, basketId) =>
      settle(undefined, proofs.fresh(found, source), basketId ?? null),
    takesMembers(basketId) {
      const open = takesMembers(basketId ?? null, 'basketId');
      return open.ok ? notSettled(basketId, 'basketId') : open;
    },
    choose(caller, id, handleOfCandidate) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      sweep();
      const known = identifications.get(id);
      if (known === undefined || !isLive(known))
        return err(failure('identification-unknown', 'id'));
      const chosen = known.candidates.find((one) => one.handle === handleOfCandidate);
      const member = chosen && store.members.byId(chosen.memberId);
      if (chosen === undefined || member === undefined)
        return err(failure('candidate-unknown', 'handle'));
      // A face suggests; whoever stands there says who they are by something else.
      if (isByFace(chosen.evidence)) return err(failure('candidate-unconfirmed', 'handle'));
      const open = takesMembers(known.basketId, 'id');
      if (!open.ok) return open;
      return settle(known, proofs.named(member, chosen.evidence, known.notices), known.basketId);
    },
    release(caller, id) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const known = identifications.get(id);
      if (known === undefined) return err(failure('identification-unknown', 'id'));
      if (!isLive(known)) return ok(identifications.view(known));
      if (known.basketId !== null && isHeld(known.basketId))
        return err(failure('identification-bound', 'id', { basketId: known.basketId }));
      return clear(known, 'released');
    },
    show,
    bind(id, basketId) {
      sweep();
      const known = identifications.get(id);
      const field = 'identificationId';
      if (known === undefined || !isLive(known))
        return err(failure('identification-unknown', field));
      if (known.basketId === basketId) return ok(known);
      if (known.basketId !== null) return err(failure('identification-bound', field));
      if (known.outcome !== 'identified')
        return err(failure('member-unknown', field, { outcome: known.outcome }));
      const open = takesMembers(basketId, field);
      if (!open.ok) return open;
      const done = settle(known, known, basketId);
      if (!done.ok) return done;
      return ok(identifications.get(id) ?? known);
    },
    restore() {
      for (const { basketId, identification, memberId } of store.baskets.open(RESTORED_MAX)) {
        if (identification === null || !restorable(identification.outcome)) continue;
        identifications.put({
          identificationId: identification.identificationId,
          outcome: identification.outcome,
          codeClass: identification.codeClass,
          evidence: identification.evidence,
          memberId,
          candidates: [],
          overrides: [],
          notices: identification.notices,
          basketId,
          atMs: Date.parse(identification.at),
          // The clock may have been set right since.
          expiresAtMs: Math.min(
            Date.parse(identification.expiresAt),
            context.nowMs() + ttlMs(basketId),
          ),
        });
      }
    },
  };
}

/** Where a proof came from, for its evidence. */
export function sourceOf(caller: Caller): string {
  return caller.kind === 'screen' ? 'cashier' : 'pos';
}

/** Candidates are not kept on the disk, so a choice that was still open has to be asked for again. */
function restorable(outcome: IdentificationOutcome): boolean {
  return (
    outcome === 'identified' ||
    outcome === 'contradiction' ||
    outcome === 'blocked' ||
    outcome === 'expired'
  );
}
