import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { CredentialUse, MemberId, PassAlg } from '../contract/index.ts';
import { toHex } from '../domain/credential/bytes.ts';
import {
  type CertificateClaims,
  certificateBody,
  certificateMessage,
} from '../domain/credential/certificate.ts';
import { credentialText, recordHead, recordMessage } from '../domain/credential/record.ts';

/** A public key of a pass or an issuer. */
export interface PassPublicKey {
  readonly alg: PassAlg;
  /** Raw, see `PASS_KEY_BYTES`. */
  readonly publicKey: Uint8Array;
  /** See `passKeyIdSchema`. */
  readonly keyId: string;
  /** See `passIssuerIdSchema`; of an Ed25519 key. */
  readonly issuerId: string;
}

/** A key that signs as a phone or as headquarters does; for the operator's tool, tests and benchmarks. */
export interface PassSigner extends PassPublicKey {
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

function publicPart(key: KeyObject): PassPublicKey | undefined {
  const { kty, crv, x = '', y = '' } = key.export({ format: 'jwk' });
  const alg = kty === 'OKP' && crv === 'Ed25519' ? 'ed25519' : crv === 'P-256' ? 'p256' : undefined;
  if (alg === undefined) return undefined;
  const publicKey = alg === 'ed25519' ? Buffer.from(x, 'base64url') : compressed(x, y);
  const digest = toHex(createHash('sha256').update(publicKey).digest());
  return { alg, publicKey, keyId: digest.slice(0, 16), issuerId: digest.slice(0, 8) };
}

/** SEC 1 section 2.3.3: 2 or 3 by the parity of y, then x. */
function compressed(x: string, y: string): Uint8Array {
  const odd = (Buffer.from(y, 'base64url').at(-1) ?? 0) & 1;
  return Buffer.concat([Uint8Array.of(2 + odd), Buffer.from(x, 'base64url')]);
}

/** A fresh private key as PKCS #8 PEM. */
export function makePassKey(alg: PassAlg): string {
  const { privateKey } =
    alg === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A signer over a private key in PEM; nothing where it is none, or neither Ed25519 nor on P-256. */
export function readPassSigner(pem: string): PassSigner | undefined {
  const key = readKey(() => createPrivateKey(pem));
  const known = key && publicPart(key);
  if (key === undefined || known === undefined) return undefined;
  return {
    ...known,
    sign: (message) =>
      known.alg === 'ed25519'
        ? sign(null, message, key)
        : sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

/** The public key of a private or public one in PEM; nothing where it is none, or neither Ed25519 nor on P-256. */
export function readPassPublicKey(pem: string): PassPublicKey | undefined {
  const key = readKey(() => createPublicKey(pem));
  return key && publicPart(key);
}

function readKey(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    // No PEM of such a key, which is the answer.
    return undefined;
  }
}

/** A certificate as headquarters signs it. */
export function issueCertificate(
  issuer: PassSigner,
  claims: Omit<CertificateClaims, 'issuerId'>,
): Uint8Array {
  const body = certificateBody({ ...claims, issuerId: issuer.issuerId });
  return Buffer.concat([body, issuer.sign(certificateMessage(body))]);
}

/** The text that a phone shows. @param certificate makes it self-contained */
export function issueCredential(
  signer: PassSigner,
  { memberId, step, counter }: Omit<CredentialUse, 'keyId'> & { readonly memberId: MemberId },
  certificate?: Uint8Array,
): string {
  const { keyId } = signer;
  const head = recordHead({ keyId, step, counter }, certificate !== undefined);
  return credentialText(head, signer.sign(recordMessage(memberId, head)), certificate);
}
