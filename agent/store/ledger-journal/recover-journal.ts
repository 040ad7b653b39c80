import { rmSync } from 'node:fs';
import type { StoreIdentity } from '../create-store.ts';
import { readFormer, renewIncarnation } from '../incarnations.ts';
import { createAudit } from '../repositories/audit.ts';
import { createMeta } from '../repositories/meta.ts';
import { remakeLots } from '../salvage/remake-lots.ts';
import type { Connection } from '../sqlite/connection.ts';
import { isStorageError } from '../sqlite/storage-error.ts';
import { createKeyEraser } from './erase-key.ts';
import { ERASED_BYTE, type JournalCipher } from './journal-cipher.ts';
import { segmentFilesIn, setJournalAside } from './journal-files.ts';
import { overwriteBoxes } from './overwrite-boxes.ts';
import { type PutBack, putBack } from './put-back.ts';
import { type FoundJournal, readJournal, type SecretPlace } from './read-journal.ts';

/** A folder without a journal. */
export const NO_JOURNAL: FoundJournal = {
  segments: [],
  secrets: new Map(),
  damagedKeys: new Set(),
  erasedKeys: new Set(),
  last: undefined,
  entries: [],
  state: 'whole',
};

/** Under which name `meta` keeps the last {@link JournalTrouble}. */
const TROUBLE = 'journal.trouble';
/** Entries that it names. */
const SEQS_NAMED = 20;

/** Why the journal was set aside and made anew. */
export interface JournalTrouble {
  readonly atMs: number;
  /** `does-not-fit`: it holds entries that are not chained to the ledger's. `unreadable`: the disk did not give it. */
  readonly why: 'damaged' | 'does-not-fit' | 'unreadable';
  /** Entries that it alone has. */
  readonly notFitting: readonly number[];
}

/** Sets a journal aside that is of no database here. @returns whether none is in the way */
export function leaveJournal(dataDir: string, nowMs: number): boolean {
  try {
    if (segmentFilesIn(dataDir).length > 0) setJournalAside(dataDir, nowMs);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return false;
  }
}

/** Reads the journal; a disk that does not give it is no reason not to open. */
export function tryReadJournal(
  dataDir: string,
  cipher: JournalCipher,
  isWanted: (seq: number) => boolean,
): FoundJournal | undefined {
  try {
    return readJournal(dataDir, cipher, isWanted);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return undefined;
  }
}

/**
 * Puts back what the journal has beyond the ledger's last entry, where its log was cut after it was flushed. To be called in
 * a transaction, whose caller renews the incarnation where something came back.
 */
export function recoverEntries(
  connection: Connection,
  { entries }: FoundJournal,
  identity: StoreIdentity,
  nowMs: number,
): PutBack {
  const knownSeq = headOf(connection);
  const meta = createMeta(connection);
  const back = putBack(connection, entries, {
    tillId: identity.tillId,
    knownSeq,
    nowMs,
    // The log that was cut had a fresh incarnation in it.
    onIncarnation(incarnation) {
      const isKnown = readFormer(connection).some((one) => one.incarnation === incarnation);
      if (!isKnown && meta.get('incarnation') !== incarnation)
        renewIncarnation(connection, incarnation);
    },
  });
  if (back.entries.length === 0) return back;
  // A key may have been put in the place of one that was erased.
  connection.scrubLog();
  remakeLots(connection, identity, nowMs);
  createAudit(connection).append({
    atMs: nowMs,
    staffId: null,
    action: 'ledger-entries-put-back',
    detail: { fromSeq: back.entries[0], toSeq: back.entries.at(-1), entries: back.entries.length },
  });
  return back;
}

/**
 * Judges the journal beside the ledger as it stands. One that is damaged or of another ledger is set aside without the keys
 * that were erased, one that a power cut tore is removed: both are made anew from the ledger. What the journal shows as
 * erased is erased in the database too, which may have lost that with its log.
 * @returns what the journal goes on from; nothing where none can be kept
 */
export function settleJournal(
  connection: Connection,
  dataDir: string,
  found: FoundJournal | undefined,
  notFitting: readonly number[],
  nowMs: number,
): FoundJournal | undefined {
  const fits = notFitting.length === 0 && (found === undefined || isOfLedger(connection, found));
  try {
    if (found !== undefined) eraseAgain(connection, found, nowMs);
    const why =
      found === undefined
        ? 'unreadable'
        : !fits
          ? 'does-not-fit'
          : found.state === 'damaged' || hasDamagedKey(connection, found)
            ? 'damaged'
            : undefined;
    if (why !== undefined) {
      noteTrouble(connection, { atMs: nowMs, why, notFitting: notFitting.slice(0, SEQS_NAMED) });
      const { segments, secrets } = found ?? NO_JOURNAL;
      try {
        overwriteBoxes(segments, erasedBoxes(connection, secrets), ERASED_BYTE);
      } finally {
        setJournalAside(dataDir, nowMs);
      }
      return NO_JOURNAL;
    }
    if (found?.state !== 'torn') return found;
    overwriteBoxes(found.segments, [...found.secrets.values()].flat(), 0);
    for (const { path } of segmentFilesIn(dataDir)) rmSync(path, { force: true });
    return NO_JOURNAL;
  } catch (error) {
    // The till sells without it, says so, and tries again at the next start.
    if (isStorageError(error) || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

function eraseAgain(
  connection: Connection,
  { erasedKeys }: Pick<FoundJournal, 'erasedKeys'>,
  nowMs: number,
): void {
  const isErased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  const keyIds = [...erasedKeys].filter((keyId) => isErased.get(keyId) === undefined);
  if (keyIds.length === 0) return;
  const erase = createKeyEraser(connection, nowMs);
  connection.transaction(() => {
    for (const keyId of keyIds) erase(keyId);
    connection.scrubLog();
    createAudit(connection).append({
      atMs: nowMs,
      staffId: null,
      action: 'keys-erased-again',
      detail: { keys: keyIds.length },
    });
  });
}

/** An erasure that was cut short is no damage: the journal ends it. */
function hasDamagedKey(connection: Connection, { damagedKeys }: FoundJournal): boolean {
  const isErased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  return [...damagedKeys].some((keyId) => isErased.get(keyId) === undefined);
}

function erasedBoxes(connection: Connection, secrets: FoundJournal['secrets']): SecretPlace[] {
  const isErased = connection.statement('SELECT 1 FROM erased_keys WHERE key_id = ?');
  return [...secrets].flatMap(([keyId, places]) =>
    isErased.get(keyId) === undefined ? [] : places,
  );
}

function isOfLedger(connection: Connection, { last }: FoundJournal): boolean {
  if (last === undefined) return true;
  const own = connection
    .statement<{ hash: string | null; base: number }>(
      'SELECT (SELECT hash FROM ledger WHERE seq = ?) AS hash, seq AS base FROM ledger_base',
    )
    .get(last.seq);
  return last.seq <= (own?.base ?? 0) || own?.hash === last.hash;
}

/** The number of the last entry, pruned ones included. */
export function headOf(connection: Connection): number {
  return (
    connection
      .statement<{ seq: number }>(
        'SELECT max(b.seq, coalesce((SELECT max(seq) FROM ledger), 0)) AS seq FROM ledger_base b',
      )
      .get()?.seq ?? 0
  );
}

function noteTrouble(connection: Connection, trouble: JournalTrouble): void {
  connection.transaction(() => {
    createMeta(connection).set(TROUBLE, JSON.stringify(trouble));
    const { atMs, ...detail } = trouble;
    createAudit(connection).append({
      atMs,
      staffId: null,
      action: 'ledger-journal-set-aside',
      detail,
    });
  });
}

/** The last trouble with the journal; nothing where there never was one. */
export function readJournalTrouble(meta: {
  get(name: string): string | undefined;
}): JournalTrouble | undefined {
  const text = meta.get(TROUBLE);
  return text === undefined ? undefined : (JSON.parse(text) as JournalTrouble);
}
