import { assert, err, ok, type Result } from '../contract/index.ts';
import type { KeyStore, KeyStoreError } from './key-store.ts';
import { type OpenError, openError } from './open-error.ts';
import { DATABASE_KEY_BYTES } from './sqlite/open-database.ts';

/** The key of a database that exists; nothing where the key store holds none. */
export function loadKey(keyStore: KeyStore): Result<Uint8Array | undefined, OpenError> {
  const loaded = keyStore.load();
  return loaded.ok ? loaded : err(asOpenError(loaded.error));
}

/** The key for a database to be made: the one that is there, else a fresh one, saved before it is used. */
export function loadOrMakeKey(
  keyStore: KeyStore,
  random: (bytes: number) => Uint8Array,
): Result<Uint8Array, OpenError> {
  const loaded = loadKey(keyStore);
  if (!loaded.ok) return loaded;
  if (loaded.value !== undefined) return ok(loaded.value);
  const key = random(DATABASE_KEY_BYTES);
  assert(key.length === DATABASE_KEY_BYTES, 'the database key has 32 bytes');
  const saved = keyStore.save(key);
  return saved.ok ? ok(key) : err(asOpenError(saved.error));
}

/** The key store's own words are the useful ones. */
function asOpenError({ message, remedy, detail, cause }: KeyStoreError): OpenError {
  return { ...openError('key-unreadable', detail, cause), message, remedy };
}
