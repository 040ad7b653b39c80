import {
  CREDENTIAL_STEP_SECONDS,
  CREDENTIAL_WINDOW_STEPS,
  type CredentialRefusal,
  type CredentialUse,
  type EvidenceMeans,
  type Member,
  memberSchema,
  type PassIssuer,
  passCard,
  passIssuerSchema,
  type Text,
} from '../contract/index.ts';
import {
  type JudgedCredential,
  judgeCredential,
  type PassHolder,
} from '../domain/credential/judge-credential.ts';
import { judgeWalletCode, walletKeyId } from '../domain/credential/judge-wallet-code.ts';
import { parseCredential } from '../domain/credential/record.ts';
import { CREDENTIAL_NOTICES } from '../domain/credential/sentences.ts';
import { parseWalletCode } from '../domain/credential/wallet-code.ts';
import type { TillContext } from './context.ts';

/** What stands in the place of the name of a member whom only a certificate names. */
const NO_NAME = '会员';

/** A code that is taken once, with the identification that it makes. */
export interface TakenCode {
  readonly use: CredentialUse;
  /** See `CredentialUsesRepository.take`. */
  readonly untilMs: number;
  readonly mark?: number;
  /** A member whom this till knows by the certificate alone, as it keeps them until headquarters says who that is. */
  readonly provisional?: Member;
}

/** Who shows a pass or a wallet card, and how much that proves. */
export interface ProvenBy {
  readonly means: EvidenceMeans;
  /** False where only the time is missing that would make it more than a card that anybody could show. */
  readonly proves: boolean;
  readonly clockTrusted: boolean;
  readonly taken: TakenCode;
}

export type CredentialFound =
  /** Nobody here has the key or the card; headquarters may know. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly code: CredentialRefusal }
  /** The code was taken for this identification, which is open, and read once more. */
  | { readonly kind: 'again'; readonly identificationId: string }
  | {
      readonly kind: 'proven';
      readonly member: Member;
      readonly by: ProvenBy;
      readonly notices: readonly Text[];
    };

/** Whether the identification that took a code is open and the one that it is shown for. */
export type IsOpenFor = (identificationId: string, use: CredentialUse) => boolean;

/** Judges the text of a pass by what this till holds. Writes nothing: see {@link TakenCode}. */
export function checkPass(
  context: TillContext,
  text: string,
  isOpenFor: IsOpenFor,
): CredentialFound {
  const { members } = context.store;
  const record = parseCredential(text);
  const again = record && openShowing(context, record, isOpenFor);
  const judged = judgeCredential(record, {
    crypto: context.deps.credentials,
    nowMs: context.nowMs(),
    clockTrusted: context.clock.trusted(),
    holderOf: (keyId) => holder(members.byPassKey(keyId)),
    memberOf: (memberId) => holder(members.byId(memberId)),
    issuerOf: (id) => issuerOf(context, id),
    isDenied: (keyId) => isDenied(context, keyId),
    seen: (use) => (again !== undefined ? 'same-showing' : seen(context, use)),
    highestCounter: (keyId) => context.store.credentialUses.highest(keyId),
  });
  if (!judged.ok) {
    const { code } = judged.error;
    const mayBeKnown = code === 'unknown-key' && record?.certificate === undefined;
    return mayBeKnown ? { kind: 'nobody' } : { kind: 'refused', code };
  }
  if (again !== undefined) return { kind: 'again', identificationId: again };
  const { memberId, use, isFresh } = judged.value;
  const row = members.byId(memberId);
  const provisional = row === undefined ? provisionalMember(judged.value) : undefined;
  const member = row ?? provisional;
  if (member === undefined) return { kind: 'refused', code: 'ill-formed' };
  return proven(context, member, {
    means: isFresh ? 'pass' : 'card',
    isFresh,
    taken: {
      use,
      untilMs: untilMs(context, use),
      ...(provisional === undefined ? {} : { provisional }),
    },
  });
}

/**
 * Judges the text of a wallet card. Its one-time password counts once, and none of an earlier step after it. Wrong digits
 * are noted: after too many of them right ones name the member as a card does, because they may be a guess.
 */
export function checkWallet(
  context: TillContext,
  text: string,
  isOpenFor: IsOpenFor,
): CredentialFound {
  const code = parseWalletCode(text);
  if (code === undefined) return { kind: 'refused', code: 'ill-formed' };
  const member = context.store.members.byCard(code.card);
  if (member === undefined) return { kind: 'nobody' };
  const nowMs = context.nowMs();
  const judged = judgeWalletCode(code, {
    crypto: context.deps.credentials,
    nowMs,
    clockTrusted: context.clock.trusted(),
    memberId: member.memberId,
    secret: member.walletSecret,
    isSameShowing: (use) => openShowing(context, use, isOpenFor) !== undefined,
    wasTaken: (use) => seen(context, use) === 'used',
    highestStep: (keyId) => context.store.credentialUses.highest(keyId),
  });
  if (!judged.ok) {
    if (judged.error === 'wrong-signature')
      context.walletGuesses.note(walletKeyId(context.deps.credentials, member.memberId), nowMs);
    return { kind: 'refused', code: judged.error };
  }
  const { use, isFresh } = judged.value;
  const again = openShowing(context, use, isOpenFor);
  if (again !== undefined) return { kind: 'again', identificationId: again };
  const isGuessed = context.walletGuesses.isGuessed(use.keyId, nowMs);
  return proven(context, member, {
    means: isFresh && !isGuessed ? 'wallet' : 'card',
    isFresh,
    isGuessed,
    // A phone whose time is far ahead must not lock its member out until then.
    taken: { use, untilMs: untilMs(context, use), mark: isFresh ? use.step : 0 },
  });
}

function proven(
  context: TillContext,
  member: Member,
  {
    means,
    isFresh,
    isGuessed = false,
    taken,
  }: { means: EvidenceMeans; isFresh: boolean; isGuessed?: boolean; taken: TakenCode },
): CredentialFound {
  const clockTrusted = context.clock.trusted();
  const notices = [
    ...(clockTrusted
      ? []
      : [isFresh ? CREDENTIAL_NOTICES.clockUntrusted : CREDENTIAL_NOTICES.freshnessUnknown]),
    ...(isGuessed ? [CREDENTIAL_NOTICES.walletGuessed] : []),
    ...(taken.provisional === undefined ? [] : [CREDENTIAL_NOTICES.byCertificate]),
  ];
  const proves = isFresh && !isGuessed;
  return { kind: 'proven', member, by: { means, proves, clockTrusted, taken }, notices };
}

/** A member of whom the till knows what the certificate says, as old as it is. */
function provisionalMember({ memberId, key, tier }: JudgedCredential): Member | undefined {
  return memberSchema.safeParse({
    memberId,
    name: NO_NAME,
    tier,
    passKeys: [key],
    updatedAt: key.validFrom,
  }).data;
}

function openShowing(
  context: TillContext,
  { keyId, step, counter }: CredentialUse,
  isOpenFor: IsOpenFor,
): string | undefined {
  const use = { keyId, step, counter };
  const showing = context.store.credentialUses.showing(use);
  return showing !== undefined && isOpenFor(showing, use) ? showing : undefined;
}

function seen({ store }: TillContext, use: CredentialUse): 'never' | 'used' {
  return store.credentialUses.showing(use) === undefined ? 'never' : 'used';
}

/** From when on a code is too old, and at least as long as one that is taken at this moment could be. */
function untilMs(context: TillContext, { step }: CredentialUse): number {
  const lifeMs = (CREDENTIAL_WINDOW_STEPS + 1) * CREDENTIAL_STEP_SECONDS * 1_000;
  return Math.max(step * CREDENTIAL_STEP_SECONDS * 1_000, context.nowMs()) + lifeMs;
}

function holder(member: Member | undefined): PassHolder | undefined {
  if (member === undefined) return undefined;
  const { memberId, passKeys = [], updatedAt } = member;
  return { memberId, passKeys, updatedAtMs: Date.parse(updatedAt) };
}

function issuerOf({ store }: TillContext, issuerId: string): PassIssuer | undefined {
  const body = store.sync.fed('pass-issuer', issuerId);
  return body === undefined ? undefined : passIssuerSchema.safeParse(JSON.parse(body)).data;
}

/**
 * Headquarters denies the keys of blocked members at every till. One that carries the member says by the row what is the
 * matter, as of a card: the pass itself was not taken back.
 */
function isDenied({ store }: TillContext, keyId: string): boolean {
  return (
    store.sync.fed('denied-key', keyId) !== undefined &&
    store.members.byPassKey(keyId)?.status !== 'blocked'
  );
}

/** What a look-up at headquarters asks for a pass or a wallet card whom nobody here has. */
export function credentialQuestion(
  scheme: 'pass' | 'wallet',
  text: string,
): { readonly by: 'card'; readonly value: string } | undefined {
  if (scheme === 'wallet') {
    const code = parseWalletCode(text);
    return code === undefined ? undefined : { by: 'card', value: code.card };
  }
  const record = parseCredential(text);
  return record === undefined ? undefined : { by: 'card', value: passCard(record.keyId) };
}
