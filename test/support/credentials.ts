import { createHmac } from 'node:crypto';
import {
  assert,
  type MemberId,
  type PassAlg,
  type PassIssuer,
  type PassKey,
} from '../../agent/contract/index.ts';
import { toBase64url } from '../../agent/domain/credential/bytes.ts';
import type { CredentialJudgement } from '../../agent/domain/credential/judge-credential.ts';
import { stepOf } from '../../agent/domain/credential/record.ts';
import { walletText } from '../../agent/domain/credential/wallet-code.ts';
import {
  issueCertificate,
  issueCredential,
  makePassKey,
  type PassSigner,
  readPassSigner,
} from '../../agent/main/issue-credential.ts';
import { createCredentialCrypto } from '../../agent/store/credential-crypto.ts';

const DAY_MS = 24 * 60 * 60_000;

/** A fresh key, as a phone or headquarters has one. */
export function passSigner(alg: PassAlg = 'ed25519', pem: string = makePassKey(alg)): PassSigner {
  const signer = readPassSigner(pem);
  assert(signer !== undefined, 'a fresh key can sign');
  return signer;
}

/** The key as a member's row carries it, valid for a month around a time. */
export function passKeyOf(signer: PassSigner, nowMs: number): PassKey {
  return {
    keyId: signer.keyId,
    alg: signer.alg,
    publicKey: toBase64url(signer.publicKey),
    validFrom: new Date(nowMs - DAY_MS).toISOString(),
    validUntil: new Date(nowMs + 30 * DAY_MS).toISOString(),
  };
}

/** The fed row of an issuer, valid for a year around a time. */
export function issuerBody(issuer: PassSigner, nowMs: number): PassIssuer {
  return {
    publicKey: toBase64url(issuer.publicKey),
    validFrom: new Date(nowMs - 100 * DAY_MS).toISOString(),
    validUntil: new Date(nowMs + 265 * DAY_MS).toISOString(),
  };
}

/** A phone with its member: shows the code of a time, and its certificate where it has one. */
export interface TestPhone {
  readonly signer: PassSigner;
  readonly memberId: MemberId;
  /** Absent = the phone counts on from its last code. */
  show(atMs: number, counter?: number): string;
  showCertified(atMs: number, counter?: number): string;
}

export interface PhoneOptions {
  readonly alg?: PassAlg;
  /** The private key; absent = a fresh one. */
  readonly pem?: string;
  readonly issuer?: PassSigner;
  readonly tier?: string;
  readonly nowMs: number;
  /** Unix seconds of the certificate. */
  readonly validFromSeconds?: number;
  readonly validUntilSeconds?: number;
}

export function testPhone(memberId: string, options: PhoneOptions): TestPhone {
  const { alg = 'ed25519', pem, issuer, tier = 'gold', nowMs } = options;
  const signer = passSigner(alg, pem);
  const id = memberId as MemberId;
  const certificate = issuer && certificateOf(issuer, signer, id, tier, nowMs, options);
  let last = 0;
  const next = (counter?: number): number => {
    last = counter ?? last + 1;
    return last;
  };
  return {
    signer,
    memberId: id,
    show: (atMs, counter) =>
      issueCredential(signer, { memberId: id, step: stepOf(atMs), counter: next(counter) }),
    showCertified(atMs, counter) {
      assert(certificate !== undefined, 'the phone has a certificate');
      const use = { memberId: id, step: stepOf(atMs), counter: next(counter) };
      return issueCredential(signer, use, certificate);
    },
  };
}

export function certificateOf(
  issuer: PassSigner,
  signer: PassSigner,
  memberId: MemberId,
  tier: string,
  nowMs: number,
  times: Pick<PhoneOptions, 'validFromSeconds' | 'validUntilSeconds'> = {},
): Uint8Array {
  const nowSeconds = Math.floor(nowMs / 1_000);
  return issueCertificate(issuer, {
    alg: signer.alg,
    publicKey: signer.publicKey,
    validFromSeconds: times.validFromSeconds ?? nowSeconds - 86_400,
    validUntilSeconds: times.validUntilSeconds ?? nowSeconds + 90 * 86_400,
    tier,
    memberId,
  });
}

/** What a till knows that carries nobody and nothing; each test says what there is. */
export function judgement(changes: Partial<CredentialJudgement>): CredentialJudgement {
  return {
    crypto: createCredentialCrypto(),
    nowMs: 0,
    clockTrusted: true,
    holderOf: () => undefined,
    memberOf: () => undefined,
    issuerOf: () => undefined,
    isDenied: () => false,
    seen: () => 'never',
    highestCounter: () => undefined,
    ...changes,
  };
}

/** The text of a wallet card at a time. @param secret base64url */
export function walletCode(card: string, secret: string, epochMs: number): string {
  return walletText(
    { hmacSha1: (key, message) => createHmac('sha1', key).update(message).digest() },
    { card, secret: Buffer.from(secret, 'base64url'), epochMs },
  );
}
