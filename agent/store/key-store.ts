import type { Result, Text } from '../contract/index.ts';

/** Why a key could not be loaded or saved, for people. */
export interface KeyStoreError {
  readonly code:
    | 'key-unreadable'
    | 'key-inside-data-folder'
    | 'key-permissions'
    | 'key-exists'
    | 'key-not-saved';
  readonly message: Text;
  readonly remedy: Text;
  /** The path or the system's own words; never key bytes. */
  readonly detail: string;
  readonly cause?: unknown;
}

/**
 * Where the database key is kept, outside the data folder: the store of the operating system, or a 0600 file.
 * `load` answers `undefined` when there is no key yet; `save` never replaces one.
 */
export interface KeyStore {
  load(): Result<Uint8Array | undefined, KeyStoreError>;
  save(key: Uint8Array): Result<void, KeyStoreError>;
}
