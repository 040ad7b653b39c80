import {
  err,
  instantSchema,
  ok,
  type PassKey,
  type Result,
  type Text,
  text,
  toInstant,
} from '../../contract/index.ts';
import { toBase64url } from '../../domain/credential/bytes.ts';
import type { PassPublicKey } from '../issue-credential.ts';
import { readTextFile } from './read-input-file.ts';

/** Bytes of a key file. */
const KEY_FILE_MAX_BYTES = 64 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/** Why a command line of this tool cannot be worked with; `complain` prints it. */
export interface CredentialInputError {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail?: string;
}

/** Reads a key file. @param read takes the PEM; nothing where it is no key for this */
export function readKeyFile<T>(
  path: string,
  read: (pem: string) => T | undefined,
): Result<T, CredentialInputError> {
  const pem = readTextFile(path, KEY_FILE_MAX_BYTES);
  if (!pem.ok) return pem;
  const key = read(pem.value);
  return key === undefined
    ? err({
        code: 'not-a-key',
        message: text(
          `文件中没有可用的 Ed25519 或 P-256 密钥：${path}`,
          `The file holds no Ed25519 or P-256 key that can be used: ${path}`,
        ),
        remedy: text(
          '用 credential issue --key 生成一个',
          'Make one with `credential issue --key FILE`',
        ),
      })
    : ok(key);
}

/** Epoch milliseconds of an ISO 8601 time, this moment where absent; nothing where it is none. */
export function readTime(at: string | undefined): number | undefined {
  if (at === undefined) return Date.now();
  return instantSchema.safeParse(at).success ? Date.parse(at) : undefined;
}

/** A number without sign or fraction, from 0 to `max`; nothing where it is none. */
export function readWhole(given: string, max: number): number | undefined {
  return /^\d{1,9}$/.test(given) && Number(given) <= max ? Number(given) : undefined;
}

/** The key as a member's row carries it, valid from the whole second of a time. */
export function passKey(
  { keyId, alg, publicKey }: PassPublicKey,
  fromMs: number,
  days: number,
): PassKey {
  const startMs = Math.floor(fromMs / 1_000) * 1_000;
  return {
    keyId,
    alg,
    publicKey: toBase64url(publicKey),
    validFrom: toInstant(startMs),
    validUntil: toInstant(startMs + days * DAY_MS),
  };
}

/** An option that cannot be used, with an example of what can. */
export function unusable(
  option: string,
  given: string,
  example: string,
): { readonly ok: false; readonly error: CredentialInputError } {
  return err({
    code: 'option-unusable',
    message: text(`${option} 的值不能使用：${given}`, `${option} cannot be used: ${given}`),
    remedy: text(`例如 ${example}`, `For example ${example}`),
  });
}
