import { accessSync, constants, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import {
  assert,
  err,
  ok,
  type Result,
  type TillPlace,
  toInstant,
  UUID_RANDOM_BYTES,
  uuidv7,
} from '../contract/index.ts';
import { classifyOpenFailure } from './classify-open-failure.ts';
import { createStore, type StoreIdentity } from './create-store.ts';
import { databasesIn, prepareDataFolder, setAside } from './data-folder.ts';
import { loadKey, loadOrMakeKey } from './database-key.ts';
import { renewIncarnation, renewWhereWanted } from './incarnations.ts';
import { examineLog } from './integrity/examine-log.ts';
import { findDamage } from './integrity/find-damage.ts';
import { keepFirstPage } from './integrity/first-page.ts';
import type { KeyStore } from './key-store.ts';
import {
  createLedgerJournal,
  type LedgerJournal,
  NO_LEDGER_JOURNAL,
} from './ledger-journal/create-ledger-journal.ts';
import { createJournalCipher, type JournalCipher } from './ledger-journal/journal-cipher.ts';
import type { FoundJournal } from './ledger-journal/read-journal.ts';
import {
  headOf,
  leaveJournal,
  NO_JOURNAL,
  recoverEntries,
  settleJournal,
  tryReadJournal,
} from './ledger-journal/recover-journal.ts';
import {
  createLedgerMarker,
  findMissing,
  MARK_ENDING,
  type MissingEntries,
  noteMissing,
  readMark,
} from './ledger-mark.ts';
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
import { createAudit } from './repositories/audit.ts';
import { clearDamage, notedDamage } from './salvage/damage-note.ts';
import { endSalvage } from './salvage/end-salvage.ts';
import { endAdoption } from './snapshot/end-adoption.ts';
import { type Connection, createConnection } from './sqlite/connection.ts';
import { openDatabase } from './sqlite/open-database.ts';
import type { Store } from './store.ts';
import { readIdentity, writeIdentity } from './store-identity.ts';

const FILE_ID_BYTES = 8;
/** Damaged frames of the log that an error names. */
const NAMED_FRAMES = 8;

export interface OpenOptions {
  readonly dataDir: string;
  readonly keyStore: KeyStore;
  readonly clock: { now(): number };
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Where this till stands: gives a fresh database its till id; an old one must have the same. */
  readonly place?: TillPlace;
  /** Opens a database whose damage was noted, where it can be opened: there is no room to salvage it. */
  readonly despiteNote?: boolean;
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
  // What is noted is about the file that was salvaged: a kill came between the pointer and the end of the note.
  if (pointer.damaged !== undefined) clearDamage(dataDir);
  const found = options.despiteNote === true ? undefined : notedDamage(dataDir);
  if (found !== undefined) return err(openError('database-damaged', `${file}: ${found}`));
  // SQLite would take an empty file for a database yet to be made.
  if (statSync(file).size === 0) return err(openError('database-damaged', `${file}: empty`));

  // SQLite would forget what lies behind a damaged frame of its log.
  const log = examineLog(file, key);
  if (log !== undefined) {
    const frames = [...log.mended, ...log.broken].slice(0, NAMED_FRAMES).join(', ');
    const found = openError('database-damaged', `${file}-wal: frames ${frames}`);
    return err({ ...found, examined: log });
  }

  return keepOpen(openDatabase(file, key, false), (db) => {
    const migrated = migrate(db, MIGRATIONS, clock.now());
    if (!migrated.ok) return migrated;
    const damage = findDamage(db, file);
    if (damage !== undefined) return err(openError('database-damaged', `${file}: ${damage}`));
    const cipher = createJournalCipher(key, options.random);
    const found = readIdentity(db) === undefined ? undefined : renew(db, file, cipher, options);
    const identity = readIdentity(db);
    if (identity === undefined) return err(openError('database-damaged', `${file}: no till id`));
    if (place !== undefined && place.tillId !== identity.tillId) {
      return err(openError('other-till', `${dataDir}: ${identity.tillId}, not ${place.tillId}`));
    }
    endAdoption(dataDir, endSalvage(dataDir, pointer), db);
    keepFirstPage(file, db);
    return ok(toStore(db, identity, options, { cipher, found }));
  });
}

/**
 * Puts back what the journal has and the database lost, and gives the database a fresh incarnation where that was asked for,
 * or where it had lost entries that were committed: their numbers must not be taken again under the same name.
 * @returns the journal to go on from; nothing where none can be kept
 */
function renew(
  db: Database.Database,
  file: string,
  cipher: JournalCipher,
  { dataDir, clock, random }: OpenOptions,
): FoundJournal | undefined {
  const connection = createConnection(db);
  const identity = readIdentity(db);
  assert(identity !== undefined, 'a database whose incarnation is renewed has one');
  const nowMs = clock.now();
  const head = headOf(connection);
  const found = tryReadJournal(dataDir, cipher, (seq) => seq > head);
  const mark = readMark(file);
  const wasLost = (found?.entries.length ?? 0) > 0 || findMissing(connection, mark, nowMs);
  const notFitting = wasLost
    ? connection.transaction(() => {
        const back = recoverEntries(connection, found ?? NO_JOURNAL, identity, nowMs);
        const missing = findMissing(connection, mark, nowMs);
        if (missing !== undefined) noteMissingEntries(connection, missing, nowMs);
        // Numbers that the journal shows as taken are, wherever their entries went.
        if (back.entries.length > 0 || back.notFitting.length > 0 || missing !== undefined)
          renewIncarnation(connection, uuidv7(nowMs, random(UUID_RANDOM_BYTES)));
        return back.notFitting;
      })
    : [];
  rmSync(file + MARK_ENDING, { force: true });
  renewWhereWanted(connection, uuidv7(nowMs, random(UUID_RANDOM_BYTES)));
  return settleJournal(connection, dataDir, found, notFitting, nowMs);
}

function noteMissingEntries(connection: Connection, missing: MissingEntries, atMs: number): void {
  noteMissing(connection, missing);
  createAudit(connection).append({
    atMs,
    staffId: null,
    action: 'ledger-entries-missing',
    detail: { fromSeq: missing.fromSeq, toSeq: missing.toSeq },
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
    keepFirstPage(join(dataDir, pointer.file), db);
    writePointer(dataDir, { ...pointer, state: 'live' });
    // What a database that is gone has left behind is not of this one's ledger.
    const journal = {
      cipher: createJournalCipher(key.value, random),
      found: leaveJournal(dataDir, clock.now()) ? NO_JOURNAL : undefined,
    };
    return ok(toStore(db, identity, options, journal));
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
  { dataDir, random, clock }: OpenOptions,
  { cipher, found }: { readonly cipher: JournalCipher; readonly found: FoundJournal | undefined },
): Store {
  const connection = createConnection(db);
  // What a till that was killed had yet to empty.
  connection.scrubErased();
  const marker = createLedgerMarker(connection);
  const { incarnation } = identity;
  const journal: LedgerJournal =
    found === undefined
      ? NO_LEDGER_JOURNAL
      : createLedgerJournal({ connection, dataDir, incarnation, cipher, found });
  const committed = (): void => {
    marker.committed();
    journal.committed();
  };
  connection.onCommitted(committed);
  committed();
  const store = createStore(connection, identity, { random, nowMs: () => clock.now() });
  return {
    ...store,
    keys: {
      ...store.keys,
      erase(subject) {
        journal.erasing();
        store.keys.erase(subject);
      },
    },
    journal,
    close() {
      marker.close();
      journal.close();
      store.close();
    },
  };
}
