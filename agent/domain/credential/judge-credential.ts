import {
  CREDENTIAL_STEP_SECONDS,
  CREDENTIAL_WINDOW_STEPS,
  type CredentialRefusal,
  type CredentialUse,
  type PassAlg,
  type PassIssuer,
  type PassKey,
} from '../../contract/credential.ts';
import type { MemberId } from '../../contract/ids.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { fromBase64url, toBase64url, toHex } from './bytes.ts';
import type { Certificate } from './certificate.ts';
import type { CredentialCrypto } from './credential-crypto.ts';
import { type CredentialRecord, recordMessage, stepOf } from './record.ts';

/** What a till knows of a member whose pass is shown. */
export interface PassHolder {
  readonly memberId: MemberId;
  readonly passKeys: readonly PassKey[];
  /** When headquarters last changed the member's row, in epoch milliseconds. */
  readonly updatedAtMs: number;
}

/** What a credential is judged by. All of it is at hand offline. */
export interface CredentialJudgement {
  readonly crypto: CredentialCrypto;
  /** The till's trusted time in epoch milliseconds: it never goes back. */
  readonly nowMs: number;
  /**
   * Whether that time can be trusted. Where it cannot, a code outside the window is not refused but is not fresh: it names
   * its member and proves no more. The window itself stays.
   */
  readonly clockTrusted: boolean;
  /** The member whose row carries this key, as the row names them: a merged account is not followed. */
  holderOf(keyId: string): PassHolder | undefined;
  /** A member by their id, whatever keys they have. */
  memberOf(memberId: MemberId): PassHolder | undefined;
  issuerOf(issuerId: string): PassIssuer | undefined;
  isDenied(keyId: string): boolean;
  /** `same-showing`: this code made the identification that is open, and was read once more for it. */
  seen(use: CredentialUse): 'never' | 'same-showing' | 'used';
  /** The highest counter of the key that was ever taken here. */
  highestCounter(keyId: string): number | undefined;
}

/** A credential that was taken. */
export interface JudgedCredential {
  readonly memberId: MemberId;
  readonly use: CredentialUse;
  /** By whose word the key is the member's: the row that the till carries, or the certificate. */
  readonly by: 'row' | 'certificate';
  readonly key: PassKey;
  /** Whether the step lies within the window. */
  readonly isFresh: boolean;
  /** The member's tier by the certificate. */
  readonly tier?: string;
}

/** One check of a credential, in the words of the tool that prints them. */
export const CREDENTIAL_CHECKS = [
  'form',
  'certificate',
  'key',
  'deny-list',
  'validity',
  'signature',
  'freshness',
  'replay',
] as const;
export type CredentialCheck = (typeof CREDENTIAL_CHECKS)[number];

/** A failed check, with the reason that decides. */
export interface CredentialFault {
  readonly check: CredentialCheck;
  readonly code: CredentialRefusal;
}

interface Signer {
  readonly memberId: MemberId;
  readonly key: PassKey;
  readonly by: 'row' | 'certificate';
}

/**
 * Judges a credential; the first check that fails decides. What is asked, in this order: a certificate that comes with it
 * is whole and of a known issuer; somebody has the key; it is not taken back; it is valid at this time; the signature is
 * the key's over this member and this head; the step is within the window; it was not shown before, and its counter is
 * higher than any that was. Algorithm and public key come from the row or the certificate, never from the record.
 * @param record nothing where the text could not be read
 */
export function judgeCredential(
  record: CredentialRecord | undefined,
  judgement: CredentialJudgement,
): Result<JudgedCredential, CredentialFault> {
  const { crypto } = judgement;
  if (record === undefined) return fault('form', 'ill-formed');
  const { certificate, keyId, step, counter } = record;
  const certified =
    certificate === undefined ? undefined : judgeCertificate(certificate, record, judgement);
  if (certified?.ok === false) return certified;
  const signer = signerOf(keyId, certified?.value, judgement);
  if (!signer.ok) return signer;
  const { memberId, key, by } = signer.value;
  if (judgement.isDenied(keyId)) return fault('deny-list', 'denied');
  const { nowMs, clockTrusted } = judgement;
  if (clockTrusted && nowMs < Date.parse(key.validFrom))
    return fault('validity', 'certificate-not-yet');
  if (endedByMs(step, judgement) > Date.parse(key.validUntil))
    return fault('validity', 'certificate-ended');
  const publicKey = fromBase64url(key.publicKey);
  const message = recordMessage(memberId, record.head);
  if (publicKey === undefined || !crypto.verify(key.alg, publicKey, message, record.signature))
    return fault('signature', 'wrong-signature');
  const untimely = outsideWindow(step, nowMs);
  if (clockTrusted && untimely !== undefined) return fault('freshness', untimely);
  const use: CredentialUse = { keyId, step, counter };
  const seen = judgement.seen(use);
  if (seen === 'used') return fault('replay', 'replayed');
  if (seen === 'never' && counter <= (judgement.highestCounter(keyId) ?? -1))
    return fault('replay', 'counter-went-back');
  return ok({
    memberId,
    use,
    by,
    key,
    isFresh: untimely === undefined,
    ...(certificate === undefined ? {} : { tier: certificate.tier }),
  });
}

/** How a step lies outside the window around a time; nothing where it lies within. */
export function outsideWindow(
  step: number,
  nowMs: number,
): 'too-old' | 'from-the-future' | undefined {
  const ahead = step - stepOf(nowMs);
  if (ahead < -CREDENTIAL_WINDOW_STEPS) return 'too-old';
  return ahead > CREDENTIAL_WINDOW_STEPS ? 'from-the-future' : undefined;
}

/**
 * By which time a key has ended or not. A clock that cannot be trusted may be years ahead: then the code's own time counts
 * where it is earlier, and such a code lies outside the window, so that it names its member and proves no more.
 */
function endedByMs(step: number, { nowMs, clockTrusted }: CredentialJudgement): number {
  return clockTrusted ? nowMs : Math.min(nowMs, step * CREDENTIAL_STEP_SECONDS * 1_000);
}

/** Headquarters' word for the key, where it holds: known issuer in its time, its signature, and the record's own key. */
function judgeCertificate(
  certificate: Certificate,
  { keyId, step }: CredentialRecord,
  judgement: CredentialJudgement,
): Result<Signer, CredentialFault> {
  const { crypto, nowMs, clockTrusted, issuerOf } = judgement;
  const issuer = issuerOf(certificate.issuerId);
  const issuerKey = issuer && fromBase64url(issuer.publicKey);
  if (issuer === undefined || issuerKey === undefined)
    return fault('certificate', 'unknown-issuer');
  const isEarly = clockTrusted && nowMs < Date.parse(issuer.validFrom);
  if (isEarly || endedByMs(step, judgement) > Date.parse(issuer.validUntil))
    return fault('certificate', 'unknown-issuer');
  const { alg, publicKey, signed, signature, memberId } = certificate;
  if (!crypto.verify('ed25519', issuerKey, signed, signature))
    return fault('certificate', 'wrong-signature');
  if (toHex(crypto.sha256(publicKey)).slice(0, keyId.length) !== keyId)
    return fault('certificate', 'wrong-signature');
  const key: PassKey = {
    keyId,
    alg: alg satisfies PassAlg,
    publicKey: toBase64url(publicKey),
    validFrom: instantOf(certificate.validFromSeconds),
    validUntil: instantOf(certificate.validUntilSeconds),
  };
  return ok({ memberId, key, by: 'certificate' });
}

/** The row goes before the certificate: it is what headquarters says later. */
function signerOf(
  keyId: string,
  certified: Signer | undefined,
  { holderOf, memberOf }: CredentialJudgement,
): Result<Signer, CredentialFault> {
  const holder = holderOf(keyId);
  const key = holder?.passKeys.find((one) => one.keyId === keyId);
  if (holder !== undefined && key !== undefined) {
    const { memberId } = holder;
    return certified !== undefined && certified.memberId !== memberId
      ? fault('key', 'wrong-signature')
      : ok({ memberId, key, by: 'row' });
  }
  if (certified === undefined) return fault('key', 'unknown-key');
  // A row changed after the key was certified would carry it: headquarters has taken the key out of it.
  const row = memberOf(certified.memberId);
  const isTakenOut =
    row !== undefined && row.updatedAtMs > Date.parse(certified.key.validFrom) + ROW_LAG_MS;
  return isTakenOut ? fault('key', 'unknown-key') : ok(certified);
}

/**
 * How much later than the certificate's first second a row may have changed and still not be one that should carry the key.
 * Headquarters dates a certificate an hour back for clocks that are behind; a row of that hour may be older than the key.
 */
export const ROW_LAG_MS = 2 * 60 * 60_000;

function instantOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

function fault(
  check: CredentialCheck,
  code: CredentialRefusal,
): { readonly ok: false; readonly error: CredentialFault } {
  return err({ check, code });
}
