import type { StoreIdentity } from '../create-store.ts';
import { HELD_WAIT_MS, isHeld } from '../durable-file.ts';
import { readFormer, renewIncarnation } from '../incarnations.ts';
import { createAudit } from '../repositories/audit.ts';
import { createMeta } from '../repositories/meta.ts';
import { createKeptLots, remakeLots } from '../salvage/remake-lots.ts';
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
  gaps: [],
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

/**
 * Reads the journal; a disk that does not give it is no reason not to open.
 * @param heldWaitMs how long is waited for a program that holds a file
 */
export function tryReadJournal(
  dataDir: string,
  cipher: JournalCipher,
  isWanted: (seq: number) => boolean,
  heldWaitMs: number = HELD_WAIT_MS,
): FoundJournal | undefined {
  try {
    return readJournal(dataDir, cipher, isWanted, heldWaitMs);
  } catch (error) {
    if (isHeld(error)) return { ...NO_JOURNAL, state: 'held' };
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
  const isBack = new Set(back.entries);
  const kept = createKeptLots(entries.filter(({ ledger }) => isBack.has(ledger.seq)));
  remakeLots(connection, identity, nowMs, 0, kept);
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
 * that were erased; both it and one that is `torn`, by a power cut or by an entry that the ledger alone has, are made anew from
 * the ledger. One that is torn lies there until that is done: a page of the ledger may have been lost meanwhile. What the journal shows as
 * erased is erased in the database too, which may have lost that with its log.
 * @param heldWaitMs how long is waited for a program that holds a file
 * @returns what the journal goes on from; `held` where that can be said only later
 */
export function settleJournal(
  connection: Connection,
  dataDir: string,
  found: FoundJournal | undefined,
  notFitting: readonly number[],
  nowMs: number,
  heldWaitMs: number = HELD_WAIT_MS,
): FoundJournal {
  const held = { ...NO_JOURNAL, state: 'held', heldSinceMs: nowMs } as const;
  if (found?.state === 'held') return held;
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
        setJournalAside(dataDir, nowMs, heldWaitMs);
      }
      return NO_JOURNAL;
    }
    if (found === undefined) return NO_JOURNAL;
    return lacksEntries(connection, found) ? { ...found, state: 'torn' } : found;
  } catch (error) {
    // The till sells without it, says so, and tries again.
    if (isStorageError(error) || (error instanceof Error && 'code' in error)) return held;
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

/** Whether the ledger has an entry that is in none of the records. */
function lacksEntries(connection: Connection, { gaps }: FoundJournal): boolean {
  const between = connection.statement('SELECT 1 FROM ledger WHERE seq BETWEEN ? AND ? LIMIT 1');
  return gaps.some(({ fromSeq, toSeq }) => between.get(fromSeq, toSeq) !== undefined);
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
  const text = JSON.stringify(trouble);
  // One that could not be set aside is tried again.
  if (createMeta(connection).get(TROUBLE) === text) return;
  connection.transaction(() => {
    createMeta(connection).set(TROUBLE, text);
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
