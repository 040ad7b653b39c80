import { createPrivateKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { ok, type Result } from '../../../agent/contract/index.ts';
import { keyIdOf } from '../../protocol/signed-document.ts';
import type { HqKeys } from '../deps.ts';
import type { KeysError } from './keys-error.ts';
import { openKeysFolder } from './keys-folder.ts';

const TOKEN_SECRET_BYTES = 32;

export interface KeysOptions {
  /** One folder for all HQ processes of a chain; only their account may read it. */
  readonly folder: string;
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Opens HQ's keys and makes those that are missing: the signing key (Ed25519) and the secret of its tokens. Several HQ
 * processes that do so at once end up with the same ones. What is there and cannot be read is an error, never replaced:
 * tills trust exactly these keys.
 */
export function openKeys({ folder, random }: KeysOptions): Result<HqKeys, KeysError> {
  const opened = openKeysFolder(folder, random);
  if (!opened.ok) return opened;
  const signing = opened.value.keep('signing.pem', newSigningKey, createPrivateKey);
  if (!signing.ok) return signing;
  const tokens = opened.value.keep(
    'tokens.key',
    () => random(TOKEN_SECRET_BYTES),
    (bytes) => {
      if (bytes.length !== TOKEN_SECRET_BYTES)
        throw new Error(`a token secret has ${TOKEN_SECRET_BYTES} bytes, not ${bytes.length}`);
      return createSecretKey(bytes);
    },
  );
  if (!tokens.ok) return tokens;
  return ok({
    signing: { keyId: keyIdOf(signing.value), privateKey: signing.value },
    tokens: tokens.value,
  });
}

function newSigningKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ed25519');
  return Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}
