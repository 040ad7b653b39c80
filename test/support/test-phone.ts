import {
  createHash,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { PassAlg } from '../../agent/contract/credential.ts';
import { credentialText, recordHead, recordMessage } from '../../agent/domain/credential/record.ts';
import { passRequestBytes } from '../../sync/protocol/pass.ts';

/** A member's phone as headquarters and tills know it: a key, and what it signs. */
export interface TestPhone {
  readonly alg: PassAlg;
  /** Raw key as base64url. */
  readonly publicKey: string;
  readonly keyId: string;
  signed(bytes: Uint8Array): string;
  link(code: string): { code: string; alg: PassAlg; publicKey: string; proof: string };
  asks(purpose: 'refresh' | 'remove', at: string): { keyId: string; at: string; proof: string };
  /** Asks for `next` in the place of its own key. */
  rotates(
    next: TestPhone,
    at: string,
  ): {
    keyId: string;
    at: string;
    alg: PassAlg;
    publicKey: string;
    proof: string;
    nextProof: string;
  };
  /** The text of its QR code, with its certificate where one is given. */
  code(memberId: string, step: number, counter: number, certificate?: string): string;
}

/** A phone with a fresh key. */
export function newTestPhone(alg: PassAlg = 'ed25519'): TestPhone {
  const { privateKey, raw } = alg === 'ed25519' ? ed25519() : p256();
  const publicKey = raw.toString('base64url');
  const keyId = createHash('sha256').update(raw).digest().subarray(0, 8).toString('hex');
  const bytesSigned = (bytes: Uint8Array): Buffer =>
    alg === 'ed25519'
      ? sign(null, bytes, privateKey)
      : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const signed = (bytes: Uint8Array): string => bytesSigned(bytes).toString('base64url');
  return {
    alg,
    publicKey,
    keyId,
    signed,
    link(code) {
      const fields = { code, alg, publicKey };
      return { ...fields, proof: signed(passRequestBytes({ purpose: 'link', ...fields })) };
    },
    asks: (purpose, at) => ({ keyId, at, proof: signed(passRequestBytes({ purpose, keyId, at })) }),
    rotates(next, at) {
      const fields = { keyId, at, alg: next.alg, publicKey: next.publicKey };
      const bytes = passRequestBytes({ purpose: 'rotate', ...fields });
      return { ...fields, proof: signed(bytes), nextProof: next.signed(bytes) };
    },
    code(memberId, step, counter, certificate) {
      const head = recordHead({ keyId, step, counter }, certificate !== undefined);
      const signature = bytesSigned(recordMessage(memberId, head));
      return credentialText(
        head,
        signature,
        certificate === undefined ? undefined : Buffer.from(certificate, 'base64url'),
      );
    },
  };
}

function ed25519(): { privateKey: KeyObject; raw: Buffer } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, raw: Buffer.from(x, 'base64url') };
}

function p256(): { privateKey: KeyObject; raw: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
  const raw = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed') as Buffer;
  return { privateKey, raw };
}
