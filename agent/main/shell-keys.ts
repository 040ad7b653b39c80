import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result, text } from '../contract/index.ts';
import type { Sealing } from '../contract/shell-message.ts';
import { databasesIn } from '../store/data-folder.ts';
import { writeDurably } from '../store/durable-file.ts';
import type { KeyStore, KeyStoreError } from '../store/key-store.ts';
import { readPointer } from '../store/pointer.ts';
import { createKeyFile, keyFileFailure, liesInside } from './key-file.ts';
import type { KeyProtection } from './key-protection.ts';

const KEY_BYTES = 32;
const KEY_TEXT = /^[0-9a-f]{64}$/;
const sealedFileSchema = z.strictObject({
  format: z.literal(1),
  backend: z.string().max(64),
  sealed: z.string().min(1).max(8_192),
});

/** The system's own key store, which only the shell's process reaches. A failure carries the system's words. */
export interface Sealer {
  seal(secret: string): Promise<Result<string, string>>;
  unseal(sealed: string): Promise<Result<string, string>>;
}

export interface ShellKeyOptions {
  readonly dataDir: string;
  /** The 0600 file that holds the key where the system's store is not to be had. The sealed key lies beside it. */
  readonly keyFile: string;
  readonly sealing: Sealing;
  readonly sealer: Sealer;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

/** The database key, and how well it is kept. */
export interface ShellKeys {
  readonly store: KeyStore;
  readonly protection: KeyProtection;
}

/** Where the sealed key of a key file lies. */
export function sealedKeyFile(keyFile: string): string {
  return `${keyFile}.sealed`;
}

/**
 * The key of a data folder under the desktop shell. Sealed by the system's store where there is one; a key file from
 * before moves there. Where the system keeps no secrets well the 0600 key file serves, and the reason is told, not hidden.
 * A key is made only where the folder holds no database yet: a lost key is an error and never replaced.
 */
export async function openShellKeys(
  options: ShellKeyOptions,
): Promise<Result<ShellKeys, KeyStoreError>> {
  const { dataDir, keyFile, sealing } = options;
  const sealedFile = sealedKeyFile(keyFile);
  if (liesInside(sealedFile, dataDir)) return keyFileFailure('key-inside-data-folder', sealedFile);
  const plain = createKeyFile({ path: keyFile, dataDir });
  if (sealing.kind === 'none') {
    return existsSync(sealedFile)
      ? err(storeGone(sealedFile, sealing.reason.en))
      : ok({ store: plain, protection: { kind: 'key-file', reason: sealing.reason } });
  }
  const protection: KeyProtection = { kind: 'system-store', backend: sealing.backend };
  if (existsSync(sealedFile)) {
    const key = await unseal(sealedFile, options.sealer);
    if (!key.ok) return key;
    // Left by a move that was cut off after the sealed key was proved: nobody may read it any longer.
    rmSync(keyFile, { force: true });
    return ok({ store: heldKey(key.value, sealedFile), protection });
  }
  const before = plain.load();
  if (!before.ok) return before;
  const key = before.value ?? (isFresh(dataDir) ? options.random(KEY_BYTES) : undefined);
  if (key === undefined) return ok({ store: heldKey(undefined, sealedFile), protection });
  const sealed = await seal(sealedFile, key, sealing.backend, options.sealer);
  if (!sealed.ok) return sealed;
  rmSync(keyFile, { force: true });
  return ok({ store: heldKey(key, sealedFile), protection });
}

/** Whether the folder may get a key: a database, finished or not pointed to, has one already. */
function isFresh(dataDir: string): boolean {
  if (!existsSync(dataDir)) return true;
  const pointer = readPointer(dataDir);
  // The store tells what is wrong with the pointer.
  if (!pointer.ok) return false;
  return pointer.value === undefined
    ? databasesIn(dataDir).length === 0
    : pointer.value.state === 'creating';
}

/** Writes the sealed key and proves that it opens again, before anything relies on it. */
async function seal(
  path: string,
  key: Uint8Array,
  backend: string,
  sealer: Sealer,
): Promise<Result<void, KeyStoreError>> {
  const secret = Buffer.from(key).toString('hex');
  const sealed = await sealer.seal(secret);
  if (!sealed.ok) return keyFileFailure('key-not-saved', path, new Error(sealed.error));
  const opened = await sealer.unseal(sealed.value);
  if (!opened.ok || opened.value !== secret) {
    const why = opened.ok ? 'the sealed key opens as another' : opened.error;
    return keyFileFailure('key-not-saved', path, new Error(why));
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeDurably(path, `${JSON.stringify({ format: 1, backend, sealed: sealed.value })}\n`, 0o600);
  } catch (cause) {
    return keyFileFailure('key-not-saved', path, cause);
  }
  return ok(undefined);
}

async function unseal(path: string, sealer: Sealer): Promise<Result<Uint8Array, KeyStoreError>> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return keyFileFailure('key-unreadable', path, cause);
  }
  const parsed = sealedFileSchema.safeParse(content);
  if (!parsed.success) return keyFileFailure('key-unreadable', path);
  const secret = await sealer.unseal(parsed.data.sealed);
  if (!secret.ok) return err(storeGone(path, secret.error));
  if (!KEY_TEXT.test(secret.value)) return keyFileFailure('key-unreadable', path);
  return ok(new Uint8Array(Buffer.from(secret.value, 'hex')));
}

/** The sealed key is there, and no store opens it: there is none, it is locked, or another one sealed it. */
function storeGone(path: string, detail: string): KeyStoreError {
  return {
    code: 'key-unreadable',
    message: text(
      '系统密钥存储打不开收银台的密钥',
      "The system's key store does not open the till's key",
    ),
    remedy: text(
      '用安装时的系统账户登录并解锁密钥环，再重试；不要删除密钥文件',
      'Sign in with the account that the till was installed under, unlock its keyring, then try again; do not delete the key file',
    ),
    detail: `${path}: ${detail}`,
  };
}

/** A key store over a key that is already proved and saved. */
function heldKey(key: Uint8Array | undefined, path: string): KeyStore {
  return {
    load: () => ok(key),
    save: () => keyFileFailure('key-not-saved', path),
  };
}
