import {
  CERTIFICATE_MEMBER_MAX,
  CERTIFICATE_TIER_MAX,
  CREDENTIAL_SIGNATURE_BYTES,
  PASS_ALGS,
  PASS_KEY_BYTES,
  type PassAlg,
} from '../../contract/credential.ts';
import { type MemberId, memberIdSchema } from '../../contract/ids.ts';
import {
  concatBytes,
  fromAscii,
  fromHex,
  fromNumber,
  toAsciiText,
  toHex,
  toNumber,
} from './bytes.ts';

/** Says what is signed, so that no signature made for anything else fits. */
const SIGNED_AS = 'tillside-cert/1\n';
const ALG_CODES: Readonly<Record<PassAlg, number>> = { ed25519: 1, p256: 2 };

/** What headquarters certifies of a pass. */
export interface CertificateClaims {
  /** See `passIssuerIdSchema`. */
  readonly issuerId: string;
  readonly alg: PassAlg;
  /** Raw. */
  readonly publicKey: Uint8Array;
  /** Unix seconds, both inclusive. */
  readonly validFromSeconds: number;
  readonly validUntilSeconds: number;
  /** Printable ASCII, at most 16 bytes. */
  readonly tier: string;
  readonly memberId: MemberId;
}

/** A certificate taken apart; nothing of it is verified. */
export interface Certificate extends CertificateClaims {
  /** What the issuer signed: purpose and body. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** The bytes that an issuer certifies, without its signature. Callers give what the limits of the contract take. */
export function certificateBody(claims: CertificateClaims): Uint8Array {
  return concatBytes(
    fromHex(claims.issuerId),
    Uint8Array.of(ALG_CODES[claims.alg]),
    claims.publicKey,
    fromNumber(claims.validFromSeconds, 4),
    fromNumber(claims.validUntilSeconds, 4),
    Uint8Array.of(claims.tier.length),
    fromAscii(claims.tier),
    Uint8Array.of(claims.memberId.length),
    fromAscii(claims.memberId),
  );
}

/** What an issuer signs. @param body see {@link certificateBody} */
export function certificateMessage(body: Uint8Array): Uint8Array {
  return concatBytes(fromAscii(SIGNED_AS), body);
}

/** Takes a certificate apart; nothing where a length, the algorithm or a text is none of the format's. Never throws. */
export function parseCertificate(bytes: Uint8Array): Certificate | undefined {
  let at = 0;
  function take(count: number): Uint8Array {
    at += count;
    return bytes.subarray(at - count, at);
  }
  const issuerId = toHex(take(4));
  const algCode = toNumber(take(1));
  const alg = PASS_ALGS.find((one) => ALG_CODES[one] === algCode);
  if (alg === undefined) return undefined;
  const publicKey = take(PASS_KEY_BYTES[alg]);
  const validFromSeconds = toNumber(take(4));
  const validUntilSeconds = toNumber(take(4));
  const tierLength = toNumber(take(1));
  if (tierLength < 1 || tierLength > CERTIFICATE_TIER_MAX) return undefined;
  const tier = toAsciiText(take(tierLength));
  const memberLength = toNumber(take(1));
  if (memberLength < 1 || memberLength > CERTIFICATE_MEMBER_MAX) return undefined;
  const memberId = memberIdSchema.safeParse(toAsciiText(take(memberLength)));
  const body = bytes.subarray(0, at);
  const signature = take(CREDENTIAL_SIGNATURE_BYTES);
  if (at !== bytes.length || tier === undefined || !memberId.success) return undefined;
  return {
    issuerId,
    alg,
    publicKey,
    validFromSeconds,
    validUntilSeconds,
    tier,
    memberId: memberId.data,
    signed: certificateMessage(body),
    signature,
  };
}
