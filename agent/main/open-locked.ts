import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Clock } from '../app/deps.ts';
import { ok, type Result, type Text, type TillPlace } from '../contract/index.ts';
import type { MendedLog } from '../store/integrity/mend-log.ts';
import type { KeyStore } from '../store/key-store.ts';
import { openStore } from '../store/open-store.ts';
import { POINTER_FILE } from '../store/pointer.ts';
import type { Store } from '../store/store.ts';
import { type AgentLock, acquireAgentLock } from './agent-lock.ts';
import { DEFAULT_PLACE } from './config.ts';
import { createKeyFile, defaultKeyFile } from './key-file.ts';
import { sha256Hex, systemClock, systemRandom } from './system.ts';

/** Why a till did not start, and what to do. */
export interface StartError {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail?: string;
  /** Of a damaged database: its log as it should have been. */
  readonly examined?: MendedLog;
}

/** Where the key of a data folder lies unless told otherwise. */
export function keyFileFor(dataDir: string, keyFile: string | undefined): string {
  return (
    keyFile ??
    defaultKeyFile({
      platform: process.platform,
      env: process.env,
      homeDir: homedir(),
      name: `${basename(resolve(dataDir))}-${sha256Hex(resolve(dataDir)).slice(0, 8)}`,
    })
  );
}

/**
 * Where the keys of face templates lie: beside the database key, sealed or not, and so outside the data folder. It is no
 * secret by itself: it is encrypted with a key derived from the database key.
 */
export function templateKeysFileOf(keyFile: string): string {
  return `${keyFile}.faces`;
}

/**
 * Opens the database of a folder whose lock the caller holds.
 * @param place compared with the till that the folder belongs to; absent = whichever it is, the default one where it
 *   belongs to none yet
 * @param despiteNote opens a database whose damage was noted, where it can be opened
 */
export function openFolder(
  dataDir: string,
  keyStore: KeyStore,
  place: TillPlace | undefined,
  clock: Clock,
  despiteNote = false,
): Result<Store, StartError> {
  const isFresh = !existsSync(join(dataDir, POINTER_FILE));
  const expected = place ?? (isFresh ? DEFAULT_PLACE : undefined);
  return openStore({
    dataDir,
    keyStore,
    clock,
    random: systemRandom,
    despiteNote,
    ...(expected === undefined ? {} : { place: expected }),
  });
}

/** Takes the folder's lock and opens its database, see {@link openFolder}; releases the lock again where that fails. */
export function openLocked(
  dataDir: string,
  keyFile: string | undefined,
  place: TillPlace | undefined,
  clock: Clock = systemClock,
  keyStore: KeyStore = createKeyFile({ path: keyFileFor(dataDir, keyFile), dataDir }),
): Result<{ store: Store; lock: AgentLock }, StartError> {
  const lock = acquireAgentLock(dataDir);
  if (!lock.ok) return lock;
  const opened = openFolder(dataDir, keyStore, place, clock);
  if (opened.ok) return ok({ store: opened.value, lock: lock.value });
  lock.value.release();
  return opened;
}
