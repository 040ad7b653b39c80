import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { err, ok, type Result, type TillPlace, toInstant } from '../contract/index.ts';
import { classifyOpenFailure } from './classify-open-failure.ts';
import { createStore, type StoreIdentity } from './create-store.ts';
import { databasesIn, prepareDataFolder, setAside } from './data-folder.ts';
import { loadKey, loadOrMakeKey } from './database-key.ts';
import type { KeyStore } from './key-store.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { type OpenError, openError } from './open-error.ts';
import {
  keyCheckOf,
  keyFits,
  POINTER_FILE,
  type Pointer,
  readPointer,
  writePointer,
} from './pointer.ts';
import { endAdoption } from './snapshot/end-adoption.ts';
import { createConnection } from './sqlite/connection.ts';
import { openDatabase } from './sqlite/open-database.ts';
import type { Store } from './store.ts';
import { readIdentity, writeIdentity } from './store-identity.ts';

/** Databases up to this size are checked page by page at every start (about 50 ms per 100,000 rows). */
export const QUICK_CHECK_MAX_BYTES = 64 * 1024 * 1024;

const FILE_ID_BYTES = 8;

export interface OpenOptions {
  readonly dataDir: string;
  readonly keyStore: KeyStore;
  readonly clock: { now(): number };
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Where this till stands: gives a fresh database its till id; an old one must have the same. */
  readonly place?: TillPlace;
}

/**
 * Opens the till's database, or makes it where the folder never held one. Whatever is missing or does not fit is an
 * error with a remedy: once the pointer says that there was a database, nothing is created in its place.
 * The caller holds the folder's agent lock.
 */
export function openStore(options: OpenOptions): Result<Store, OpenError> {
  const { dataDir } = options;
  try {
    prepareDataFolder(dataDir);
    const read = readPointer(dataDir);
    if (!read.ok) return read;
    const pointer = read.value;
    if (pointer?.state === 'live') return openLive(options, pointer);
    const strays = databasesIn(dataDir);
    if (pointer !== undefined) setAside(dataDir, pointer.file);
    else if (strays.length > 0) {
      return err(
        openError('pointer-missing', `${join(dataDir, POINTER_FILE)}: ${strays.join(', ')}`),
      );
    }
    return createFresh(options);
  } catch (error) {
    return err(classifyOpenFailure(error, dataDir));
  }
}

function openLive(options: OpenOptions, pointer: Pointer): Result<Store, OpenError> {
  const { dataDir, clock, place } = options;
  const file = join(dataDir, pointer.file);
  const loaded = loadKey(options.keyStore);
  if (!loaded.ok) return loaded;
  const key = loaded.value;
  if (key === undefined) return err(openError('key-missing', file));
  if (!keyFits(pointer, key)) return err(openError('key-wrong', file));
  if (!existsSync(file)) return err(openError('database-missing', file));
  accessSync(file, constants.R_OK | constants.W_OK);
  // SQLite would take an empty file for a database yet to be made.
  if (statSync(file).size === 0) return err(openError('database-damaged', `${file}: empty`));

  return keepOpen(openDatabase(file, key, false), (db) => {
    const migrated = migrate(db, MIGRATIONS, clock.now());
    if (!migrated.ok) return migrated;
    const damage = findDamage(db, file);
    if (damage !== undefined) return err(openError('database-damaged', `${file}: ${damage}`));
    const identity = readIdentity(db);
    if (identity === undefined) return err(openError('database-damaged', `${file}: no till id`));
    if (place !== undefined && place.tillId !== identity.tillId) {
      return err(openError('other-till', `${dataDir}: ${identity.tillId}, not ${place.tillId}`));
    }
    endAdoption(dataDir, pointer, db);
    return ok(toStore(db, identity, options));
  });
}

/**
 * The pointer says `creating` before the database exists and `live` after it lies on the disk, so that a crash in
 * between is told from a loss. Until then the database needs no flush of its own at each step.
 */
function createFresh(options: OpenOptions): Result<Store, OpenError> {
  const { dataDir, clock, random, place } = options;
  const key = loadOrMakeKey(options.keyStore, random);
  if (!key.ok) return key;
  const pointer = {
    file: `till-${Buffer.from(random(FILE_ID_BYTES)).toString('hex')}.db`,
    keyCheck: keyCheckOf(key.value),
    createdAt: toInstant(clock.now()),
  };
  writePointer(dataDir, { ...pointer, state: 'creating' });
  return keepOpen(openDatabase(join(dataDir, pointer.file), key.value, true), (db) => {
    db.pragma('synchronous=OFF');
    const migrated = migrate(db, MIGRATIONS, clock.now());
    if (!migrated.ok) return migrated;
    const identity = writeIdentity(db, { place, nowMs: clock.now(), random });
    db.pragma('synchronous=FULL');
    db.pragma('wal_checkpoint(TRUNCATE)');
    writePointer(dataDir, { ...pointer, state: 'live' });
    return ok(toStore(db, identity, options));
  });
}

/** Closes the database again when `use` fails, so that no lock stays behind. */
function keepOpen(
  db: Database.Database,
  use: (db: Database.Database) => Result<Store, OpenError>,
): Result<Store, OpenError> {
  let result: Result<Store, OpenError> | undefined;
  try {
    result = use(db);
    return result;
  } finally {
    if (result?.ok !== true) db.close();
  }
}

function toStore(
  db: Database.Database,
  identity: StoreIdentity,
  { random, clock }: OpenOptions,
): Store {
  const connection = createConnection(db);
  // What a till that was killed had yet to empty.
  connection.scrubErased();
  return createStore(connection, identity, { random, nowMs: () => clock.now() });
}

/** The first fault that SQLite finds, or nothing. Bigger databases are checked page by page as they are read. */
function findDamage(db: Database.Database, file: string): string | undefined {
  if (statSync(file).size > QUICK_CHECK_MAX_BYTES) return undefined;
  const answer = db.pragma('quick_check(1)', { simple: true }) as string;
  return answer === 'ok' ? undefined : answer;
}
