import {
  type BasketId,
  err,
  type Failure,
  failure,
  type Identification,
  type IdentificationId,
  type Result,
} from '../contract/index.ts';
import { boundIdentification, noteIdentification } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import type { TakenCode } from './credential-check.ts';
import {
  type Clearing,
  cleared,
  IDENTIFICATIONS_MAX,
  type Identifications,
  isLive,
  type Known,
} from './identifications.ts';
import type { News } from './weigh-proof.ts';
import type { Emit } from './work.ts';

/** Writes identifications: to the basket that they belong to, to whoever listens, and to memory. */
export interface SettleIdentification {
  /** An identification of nobody yet. */
  blank(basketId: BasketId | null): Known;
  /** How long an identification lasts, in milliseconds: longer once it belongs to a basket. */
  ttlMs(basketId: BasketId | null): number;
  /**
   * Writes what is known now, and in the same transaction that the code was taken by which that is known: a crash leaves
   * both or neither, so that no code counts twice. Fails with `busy` where too many wait, and as writing to
   * the disk does.
   */
  settle(
    known: Known | undefined,
    news: News,
    basketId: BasketId | null,
    taken?: TakenCode,
  ): Result<Identification, Failure>;
  /** Ends an identification; fails as writing to the disk does. */
  clear(known: Known, outcome: Clearing): Result<Identification, Failure>;
}

export function createSettleIdentification(
  context: TillContext,
  identifications: Identifications,
): SettleIdentification {
  const { store, work } = context;

  function blank(basketId: BasketId | null): Known {
    const atMs = context.nowMs();
    return {
      identificationId: context.newId() as IdentificationId,
      outcome: 'unknown',
      evidence: [],
      memberId: null,
      candidates: [],
      overrides: [],
      notices: [],
      basketId,
      atMs,
      expiresAtMs: atMs + ttlMs(basketId),
    };
  }

  function ttlMs(basketId: BasketId | null): number {
    const { identificationTtlMs, parkedTtlMs } = context.deps.config;
    return basketId === null ? identificationTtlMs : parkedTtlMs;
  }

  /** Writes what is known now; whoever waited or was bound to the same basket before is released. */
  function settle(
    known: Known | undefined,
    news: News,
    basketId: BasketId | null,
    taken?: TakenCode,
  ): Result<Identification, Failure> {
    const base = known ?? blank(basketId);
    const atMs = context.nowMs();
    const next: Known = {
      ...base,
      ...news,
      codeClass: 'member',
      // A manager's word was given for one member.
      overrides: news.memberId === base.memberId ? base.overrides : [],
      basketId,
      atMs,
      expiresAtMs: atMs + ttlMs(basketId),
    };
    const before = identifications
      .live()
      .filter(
        (other) => other.identificationId !== next.identificationId && other.basketId === basketId,
      )
      .map((other) => cleared(other, 'released'));
    // Every one that is remembered belongs to an open sale, which must not lose its member for another.
    if (known === undefined && identifications.live().length - before.length >= IDENTIFICATIONS_MAX)
      return err(failure('busy'));
    const done = work((emit) => {
      if (taken !== undefined) take(taken, next);
      for (const other of before)
        emit({ kind: 'identification', identification: identifications.view(other) });
      return write(emit, next);
    });
    if (!done.ok) return done;
    for (const one of [...before, next]) identifications.put(one);
    return done;
  }

  function take({ use, untilMs, mark, provisional }: TakenCode, { identificationId, atMs }: Known) {
    if (provisional !== undefined) store.members.upsert([provisional]);
    store.credentialUses.take(use, {
      identificationId,
      atMs,
      untilMs,
      ...(mark === undefined ? {} : { mark }),
    });
  }

  function write(emit: Emit, known: Known): Identification {
    const identification = identifications.view(known);
    if (known.outcome === 'identified' && known.memberId !== null)
      store.visits.seen(known.memberId, context.businessDay(), context.nowMs());
    if (known.basketId !== null)
      noteIdentification(
        context,
        known.basketId,
        isLive(known) ? boundIdentification(identification, known.evidence) : null,
        known.memberId,
      );
    emit({ kind: 'identification', identification });
    return identification;
  }

  function clear(known: Known, outcome: Clearing): Result<Identification, Failure> {
    const next = cleared(known, outcome);
    const done = work((emit) => write(emit, next));
    if (done.ok) identifications.put(next);
    return done;
  }

  return { blank, ttlMs, settle, clear };
}
