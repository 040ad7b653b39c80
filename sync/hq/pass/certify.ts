import { sign } from 'node:crypto';
import { CERTIFICATE_TIER_MAX, type PassAlg } from '../../../agent/contract/credential.ts';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { assert } from '../../../agent/contract/result.ts';
import {
  certificateBody,
  certificateMessage,
} from '../../../agent/domain/credential/certificate.ts';
import type { PassIssuer } from './pass-issuers.ts';

/** What a certificate says of a tier that it has no room for: longer than {@link CERTIFICATE_TIER_MAX}, or not ASCII. */
export const TIER_UNSAID = '-';

/** What is certified of a key. */
export interface Certified {
  readonly alg: PassAlg;
  /** Raw. */
  readonly publicKey: Uint8Array;
  readonly memberId: MemberId;
  readonly tier: string;
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** A certificate of the current issuer as base64url: the same claims give the same bytes, Ed25519 being deterministic. */
export function certify(issuers: readonly PassIssuer[], claims: Certified): string {
  const issuer = issuers.find(({ state }) => state === 'current');
  assert(issuer?.privateKey !== undefined, 'the current issuer has its private key');
  const body = certificateBody({
    issuerId: issuer.issuerId,
    alg: claims.alg,
    publicKey: claims.publicKey,
    validFromSeconds: Math.floor(claims.validFromMs / 1_000),
    validUntilSeconds: Math.floor(claims.validUntilMs / 1_000),
    tier: certifiedTier(claims.tier),
    memberId: claims.memberId,
  });
  const signature = sign(null, certificateMessage(body), issuer.privateKey);
  return Buffer.concat([body, signature]).toString('base64url');
}

/** A tier as a certificate can say it. */
export function certifiedTier(tier: string): string {
  return tier.length <= CERTIFICATE_TIER_MAX && /^[\x21-\x7e]+$/.test(tier) ? tier : TIER_UNSAID;
}
