import {
  CANDIDATES_MAX,
  type CodeClass,
  type Evidence,
  type EvidenceMeans,
  KIND_OF_MEANS,
  type Member,
  type Text,
  toInstant,
} from '../contract/index.ts';
import { followMerge } from '../domain/identify/follow-merge.ts';
import { containsPaymentRun } from '../domain/identify/payment-run.ts';
import { routeCode } from '../domain/identify/route-code.ts';
import { NOTICES } from '../domain/identify/sentences.ts';
import type { TillContext } from './context.ts';

/** Lifetime of evidence where no policy states one, in seconds: the least that a policy may. */
const EVIDENCE_TTL_SECONDS_MIN = 10;
/** Card numbers outside the configured patterns are looked up as they stand within these lengths. */
const CARD_LENGTH = { min: 4, max: 32 };
/** Mainland numbers are stored without the country code that some people say. */
const CHINA_CODE = '86';
const CHINA_FULL_DIGITS = 13;

/** What is shown or said: a code or phone digits. */
export type Presented =
  | {
      readonly kind: 'code';
      readonly text: string;
      readonly aim?: string | undefined;
      readonly symbology?: string | undefined;
    }
  | { readonly kind: 'phone'; readonly digits: string };

/** Whom it names. `members` are alive accounts, merged ones followed, none twice. */
export type Found =
  | { readonly kind: 'foreign'; readonly codeClass: Exclude<CodeClass, 'member'> }
  | {
      readonly kind: 'member';
      readonly means: EvidenceMeans;
      readonly members: readonly Member[];
      /** More fit than may be offered; `members` is then not complete. */
      readonly tooMany: boolean;
      readonly notices: readonly Text[];
    };

/** Looks up whom a code or digits name. Keeps nothing of what it was given. */
export function findMembers(context: TillContext, presented: Presented): Found {
  return presented.kind === 'phone'
    ? byPhone(context, presented.digits)
    : byCode(context, presented);
}

function byCode(context: TillContext, code: Extract<Presented, { kind: 'code' }>): Found {
  const { members } = context.store;
  const routed = routeCode(code, context.deps.config.codes);
  if (routed.class === 'member') {
    const { scheme, number } = routed.member;
    return found(context, 'card', [
      scheme === 'gsrn' ? members.byGsrn(number) : members.byCard(number),
    ]);
  }
  if (routed.class === 'unknown') {
    const text = code.text.trim();
    const card =
      text.length >= CARD_LENGTH.min && text.length <= CARD_LENGTH.max
        ? members.byCard(text)
        : undefined;
    if (card !== undefined) return found(context, 'card', [card]);
    if (containsPaymentRun(code.text, context.deps.config.codes))
      return { kind: 'foreign', codeClass: 'payment' };
  }
  return { kind: 'foreign', codeClass: routed.class };
}

function byPhone(context: TillContext, digits: string): Found {
  const { members } = context.store;
  const direct = members.byPhoneSuffix(digits, CANDIDATES_MAX + 1);
  const withCode =
    direct.length === 0 && digits.length === CHINA_FULL_DIGITS && digits.startsWith(CHINA_CODE);
  return found(
    context,
    'phone',
    withCode ? members.byPhoneSuffix(digits.slice(CHINA_CODE.length), CANDIDATES_MAX + 1) : direct,
  );
}

function found(
  context: TillContext,
  means: EvidenceMeans,
  accounts: readonly (Member | undefined)[],
): Found {
  const alive = new Map<string, Member>();
  const notices = new Set<Text>();
  for (const account of accounts) {
    if (account === undefined) continue;
    const { member, merged } = followMerge(account, (id) => context.store.members.byId(id));
    if (merged) notices.add(member === undefined ? NOTICES.mergedAway : NOTICES.merged);
    if (member !== undefined) alive.set(member.memberId, member);
  }
  return {
    kind: 'member',
    means,
    members: [...alive.values()],
    tooMany: accounts.length > CANDIDATES_MAX,
    notices: [...notices],
  };
}

/** A claim about one member: anybody could present a static card or know a phone number. */
export function claimOf(
  context: TillContext,
  means: EvidenceMeans,
  member: Member,
  source: string,
  ttlSeconds = EVIDENCE_TTL_SECONDS_MIN,
): Evidence {
  const atMs = context.nowMs();
  return {
    means,
    kind: KIND_OF_MEANS[means],
    source,
    memberId: member.memberId,
    claim: true,
    at: toInstant(atMs),
    expiresAt: toInstant(atMs + ttlSeconds * 1_000),
  };
}
