import {
  CANDIDATES_MAX,
  type CodeClass,
  type Evidence,
  type EvidenceMeans,
  KIND_OF_MEANS,
  type Member,
  type ScannedArticle,
  type Text,
  toInstant,
} from '../contract/index.ts';
import { credentialRefusalText } from '../domain/credential/sentences.ts';
import { splitAim } from '../domain/gs1/symbology.ts';
import { followMerge } from '../domain/identify/follow-merge.ts';
import { containsPaymentRun } from '../domain/identify/payment-run.ts';
import { routeCode } from '../domain/identify/route-code.ts';
import { scannedArticle } from '../domain/identify/scanned-article.ts';
import { NOTICES } from '../domain/identify/sentences.ts';
import type { TillContext } from './context.ts';
import {
  type CredentialFound,
  checkPass,
  checkWallet,
  type IsOpenFor,
  type ProvenBy,
} from './credential-check.ts';

/** Lifetime of evidence where no policy states one, in seconds: the least that a policy may. */
export const EVIDENCE_TTL_SECONDS_MIN = 10;
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
  | {
      readonly kind: 'foreign';
      readonly codeClass: Exclude<CodeClass, 'member'>;
      readonly article?: ScannedArticle;
    }
  /** A pass or wallet card that is not taken. */
  | { readonly kind: 'refused'; readonly notice: Text }
  /** A code that made this identification was read once more. */
  | { readonly kind: 'again'; readonly identificationId: string }
  | {
      readonly kind: 'member';
      readonly means: EvidenceMeans;
      readonly members: readonly Member[];
      /** More fit than may be offered; `members` is then not complete. */
      readonly tooMany: boolean;
      readonly notices: readonly Text[];
      /** Of a pass or wallet card: what it proves, and what is taken with the identification. */
      readonly by?: ProvenBy;
    };

export type FoundMember = Extract<Found, { kind: 'member' }>;

/**
 * Looks up whom a code or digits name. Keeps nothing of what it was given.
 * @param isOpenFor whether a code that was taken before is shown once more for the identification that took it; absent = never
 */
export function findMembers(
  context: TillContext,
  presented: Presented,
  isOpenFor: IsOpenFor = () => false,
): Found {
  return presented.kind === 'phone'
    ? byPhone(context, presented.digits)
    : byCode(context, presented, isOpenFor);
}

function byCode(
  context: TillContext,
  code: Extract<Presented, { kind: 'code' }>,
  isOpenFor: IsOpenFor,
): Found {
  const { members } = context.store;
  const routed = routeCode(code, context.deps.config.codes);
  if (routed.class === 'member') {
    const { scheme, number } = routed.member;
    if (scheme === 'pass')
      return byCredential(context, 'pass', checkPass(context, number, isOpenFor));
    if (scheme === 'wallet')
      return byCredential(context, 'wallet', checkWallet(context, number, isOpenFor));
    return found(context, 'card', [
      scheme === 'gsrn' ? members.byGsrn(number) : members.byCard(number),
    ]);
  }
  if (routed.class === 'unknown') {
    const text = splitAim(code.text.trim()).text.trim();
    const card =
      text.length >= CARD_LENGTH.min && text.length <= CARD_LENGTH.max
        ? members.byCard(text)
        : undefined;
    if (card !== undefined) return found(context, 'card', [card]);
    if (containsPaymentRun(code.text, context.deps.config.codes))
      return { kind: 'foreign', codeClass: 'payment' };
  }
  const article = scannedArticle(routed, context.deps.place.store.currency);
  return {
    kind: 'foreign',
    codeClass: routed.class,
    ...(article === undefined ? {} : { article }),
  };
}

function byCredential(
  context: TillContext,
  means: EvidenceMeans,
  credential: CredentialFound,
): Found {
  switch (credential.kind) {
    case 'nobody':
      return found(context, means, []);
    case 'refused':
      return { kind: 'refused', notice: credentialRefusalText(credential.code) };
    case 'again':
      return credential;
    case 'proven': {
      const { member, by, notices } = credential;
      const named = found(context, by.means, [member]);
      return { ...named, by, notices: [...notices, ...named.notices] };
    }
  }
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
): FoundMember {
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

/**
 * A claim about one member, which anybody could present who has seen a static card or knows a phone number; the proof of a
 * pass or a wallet card, where it is one.
 */
export function claimOf(
  context: TillContext,
  { means, by }: Pick<FoundMember, 'means' | 'by'>,
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
    claim: by?.proves !== true,
    ...(by === undefined ? {} : { credential: by.taken.use }),
    ...(by?.clockTrusted === false ? { clockTrusted: false as const } : {}),
    at: toInstant(atMs),
    expiresAt: toInstant(atMs + ttlSeconds * 1_000),
  };
}
