import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '../../../agent/contract/index.ts';
import { createOnce, replaceDurably } from './durable-file.ts';
import { type KeysError, keysError } from './keys-error.ts';

const FOR_OTHERS = 0o077;

/** A folder of keys that only HQ's own account may read. */
export interface KeysFolder {
  has(name: string): boolean;
  /**
   * Reads a file; where it is missing, writes what `make` gives. Of several processes that do so at once one wins, and all
   * of them read its file.
   * @param read throws where the content is not what it should be
   */
  keep<T>(name: string, make: () => Uint8Array, read: (bytes: Buffer) => T): Result<T, KeysError>;
  replace(name: string, content: Uint8Array): Result<void, KeysError>;
}

/** Opens the folder, and makes it where it is missing. Refuses one that other accounts may read. */
export function openKeysFolder(
  folder: string,
  random: (bytes: number) => Uint8Array,
): Result<KeysFolder, KeysError> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isPrivate(folder)) return keysError('keys-not-private', folder);
  } catch (cause) {
    return keysError('keys-not-written', folder, cause);
  }
  const mark = (): string => Buffer.from(random(8)).toString('hex');
  return ok({
    has: (name) => existsSync(join(folder, name)),
    keep(name, make, read) {
      const path = join(folder, name);
      let bytes: Buffer;
      try {
        bytes = existsSync(path) ? readFileSync(path) : createOnce(path, make(), mark());
      } catch (cause) {
        return keysError(existsSync(path) ? 'keys-unreadable' : 'keys-not-written', path, cause);
      }
      if (!isPrivate(path)) return keysError('keys-not-private', path);
      try {
        return ok(read(bytes));
      } catch (cause) {
        return keysError('keys-unreadable', path, cause);
      }
    },
    replace(name, content) {
      try {
        return ok(replaceDurably(join(folder, name), content, mark()));
      } catch (cause) {
        return keysError('keys-not-written', join(folder, name), cause);
      }
    },
  });
}

/** Windows keeps rights in lists that the account's own folder already narrows. */
function isPrivate(path: string): boolean {
  return process.platform === 'win32' || (statSync(path).mode & FOR_OTHERS) === 0;
}
