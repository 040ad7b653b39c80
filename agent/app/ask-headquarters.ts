import type { MemberLookupPort } from '../../sync/client/ports.ts';
import {
  type BasketId,
  err,
  type Failure,
  type Identification,
  type IdentificationId,
  type Result,
} from '../contract/index.ts';
import { plainPhone } from '../domain/identify/plain-phone.ts';
import { routeCode } from '../domain/identify/route-code.ts';
import { NOTICES } from '../domain/identify/sentences.ts';
import type { TillContext } from './context.ts';
import { credentialQuestion, type TakenCode } from './credential-check.ts';
import { type Found, findMembers, type Presented } from './find-members.ts';
import { type Identifications, isLive, type Known } from './identifications.ts';
import type { News, WeighProof } from './weigh-proof.ts';

type Question = Parameters<MemberLookupPort['find']>[0];

/** What headquarters is asked, and by what the member is found once it has answered. */
export interface Asked {
  readonly question: Question;
  readonly presented: Presented;
  readonly source: string;
}

export interface AskHeadquartersParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly proofs: WeighProof;
  readonly isHeld: (basketId: string) => boolean;
  /** Writes what is known of an identification. */
  readonly settle: (
    known: Known | undefined,
    news: News,
    basketId: BasketId | null,
    taken?: TakenCode,
  ) => Result<Identification, Failure>;
}

export interface AskHeadquarters {
  /**
   * Settles an identification that names nobody whom this till knows, and has headquarters asked beside the sale, which
   * goes on as a guest's. The answer settles it once more, by an event.
   */
  settle(
    known: Known | undefined,
    news: News,
    basketId: BasketId | null,
    asked: Asked,
  ): Result<Identification, Failure>;
  /** Settles with the answer to a question under way; nothing where none is. */
  answered(id: IdentificationId): Promise<void> | undefined;
}

/** What is asked of headquarters for somebody whom the till does not know; nothing where it names nobody exactly. */
export function questionOf(context: TillContext, presented: Presented): Question | undefined {
  if (presented.kind === 'phone') {
    const value = plainPhone(presented.digits);
    return value === undefined ? undefined : { by: 'phone', value };
  }
  const routed = routeCode(presented, context.deps.config.codes);
  if (routed.class !== 'member') return undefined;
  const { scheme, number } = routed.member;
  if (scheme === 'pass' || scheme === 'wallet') return credentialQuestion(scheme, number);
  return { by: scheme === 'gsrn' ? 'gsrn' : 'card', value: number };
}

/** Members beyond this till's scope. */
export function createAskHeadquarters(parts: AskHeadquartersParts): AskHeadquarters {
  const { context, identifications, proofs, isHeld, settle } = parts;
  const { headquarters, log } = context.deps;
  /** Questions under way, by the identification that waits for the answer. */
  const underWay = new Map<IdentificationId, Promise<void>>();

  /** The port never rejects; where it does all the same, the sale goes on as without an answer. */
  function find(question: Question): ReturnType<MemberLookupPort['find']> {
    return headquarters.lookup.find(question).catch((error: unknown) => {
      log('error', 'asking headquarters broke', { error: nameOf(error) });
      return err({ code: 'lookup-unreachable' });
    });
  }

  /** Puts the answer into the identification that waits for it, where it still does. */
  async function ask(id: IdentificationId, { question, presented, source }: Asked): Promise<void> {
    const answer = await find(question);
    const known = identifications.get(id);
    if (known?.pending !== true || !isLive(known)) return;
    const isSomebody = answer.ok && answer.value.length > 0;
    // Payment was asked for what a guest gets: until the hold is over nobody else comes in.
    const mayEnter = known.basketId === null || !isHeld(known.basketId);
    const found = isSomebody && mayEnter ? findMembers(context, presented) : undefined;
    const news = newsOf(found, known);
    const taken = found?.kind === 'member' ? found.by?.taken : undefined;
    const done = settle(known, { ...news, pending: false }, known.basketId, taken);
    if (!done.ok)
      log('error', 'the answer of headquarters could not be noted', { code: done.error.code });

    function newsOf(answered: Found | undefined, before: Known): News {
      if (answered?.kind === 'member') return proofs.fresh(answered, source);
      if (answered?.kind === 'refused') return proofs.refused(before, answered.notice);
      return { ...before, notices: said(before) };
    }

    function said({ notices }: Known): Known['notices'] {
      const others = notices.filter((one) => one !== NOTICES.asking);
      if (isSomebody) return others;
      return [...others, answer.ok ? NOTICES.askedInVain : NOTICES.notAsked];
    }
  }

  return {
    settle(known, news, basketId, asked) {
      const { state } = headquarters.state();
      if (state === 'not-configured') return settle(known, news, basketId);
      const pending = state === 'online';
      const notices = [...news.notices, pending ? NOTICES.asking : NOTICES.notAsked];
      const done = settle(known, { ...news, notices, pending }, basketId);
      if (!done.ok || !pending) return done;
      const { identificationId } = done.value;
      const answered = ask(identificationId, asked)
        .catch((error: unknown) =>
          log('error', 'the answer of headquarters could not be noted', { error: nameOf(error) }),
        )
        .finally(() => underWay.delete(identificationId));
      underWay.set(identificationId, answered);
      return done;
    },
    answered: (id) => underWay.get(id),
  };
}

/** What was thrown, without its message, which may quote a member. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
