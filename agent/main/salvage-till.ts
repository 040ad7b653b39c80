import type { Clock, Log } from '../app/deps.ts';
import { err, ok, type Result, type TillPlace } from '../contract/index.ts';
import { loadKey } from '../store/database-key.ts';
import type { MendedLog } from '../store/integrity/mend-log.ts';
import type { KeyStore } from '../store/key-store.ts';
import { openError } from '../store/open-error.ts';
import { salvageFolder } from '../store/salvage/salvage-folder.ts';
import type { SalvageReport } from '../store/salvage/salvage-report.ts';
import type { Store } from '../store/store.ts';
import { type AgentLock, acquireAgentLock } from './agent-lock.ts';
import { openFolder, openLocked, type StartError } from './open-locked.ts';
import { systemRandom } from './system.ts';

export interface SalvagedTill {
  readonly store: Store;
  readonly lock: AgentLock;
  /** What was salvaged, where the database was damaged. */
  readonly salvage?: SalvageReport;
  /** It is damaged and not salvaged yet: there was no room, or another program holds the journal. */
  readonly isPostponed?: boolean;
}

export interface SalvageTillOptions {
  readonly dataDir: string;
  readonly keyStore: KeyStore;
  readonly place: TillPlace | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** As a salvage has it. */
  readonly heldWaitMs?: number | undefined;
}

/**
 * Opens a till's folder; a damaged database is salvaged first, whatever that brings back, so that the till sells. Any other
 * trouble stays an error: nothing is made in the place of what is missing or not understood.
 */
export function openOrSalvage(options: SalvageTillOptions): Result<SalvagedTill, StartError> {
  const { dataDir, keyStore, place, clock, log } = options;
  const opened = openLocked(dataDir, undefined, place, clock, keyStore);
  if (opened.ok || opened.error.code !== 'database-damaged') return opened;
  log('error', 'the database is damaged and is salvaged', { detail: opened.error.detail });
  const salvaged = salvageNow(options, opened.error.examined);
  if (salvaged.ok || !LATER.includes(salvaged.error.code)) return salvaged;
  return openUnsalvaged(options, salvaged.error.code) ?? salvaged;
}

/** What may be otherwise at the next start. */
const LATER: readonly string[] = ['disk-full', 'journal-held'];

/** A till whose database can be opened sells with it where it cannot be salvaged at present; the next start tries again. */
function openUnsalvaged(
  { dataDir, keyStore, place, clock, log }: SalvageTillOptions,
  why: string,
): Result<SalvagedTill, StartError> | undefined {
  const lock = acquireAgentLock(dataDir);
  if (!lock.ok) return lock;
  const opened = openFolder(dataDir, keyStore, place, clock, true);
  if (!opened.ok) {
    lock.value.release();
    return undefined;
  }
  log('error', 'the database cannot be salvaged yet; the till sells with it as it is', { why });
  return ok({ store: opened.value, lock: lock.value, isPostponed: true });
}

/**
 * Salvages a folder that nobody has open, and opens it.
 * @param examined the log as the opening found that it should have been
 */
export function salvageNow(
  options: SalvageTillOptions,
  examined?: MendedLog,
): Result<SalvagedTill, StartError> {
  const { dataDir, keyStore, place, clock, log } = options;
  const lock = acquireAgentLock(dataDir);
  if (!lock.ok) return lock;
  const salvaged = salvage(options, examined);
  if (!salvaged.ok) {
    lock.value.release();
    return salvaged;
  }
  const opened = openFolder(dataDir, keyStore, place, clock);
  if (!opened.ok) {
    lock.value.release();
    return err(opened.error);
  }
  const store = opened.value;
  const { outcome, damagedFile, reportFile, ledger } = salvaged.value;
  const detail = {
    damagedFile,
    reportFile: reportFile ?? null,
    lost: (ledger?.lost ?? []).slice(0, RANGES_NAMED).map((one) => `${one.fromSeq}-${one.toSeq}`),
    lostUnsent: ledger?.lostUnsent ?? 0,
    fromJournal: ledger?.fromJournal.entries.length ?? 0,
    isRenewed: ledger?.isRenewed ?? false,
  };
  store.audit.append({ atMs: clock.now(), staffId: null, action: `database-${outcome}`, detail });
  log('warn', 'the database was salvaged', { outcome, ...detail });
  return ok({ store, lock: lock.value, salvage: salvaged.value });
}

/** Ranges of lost entries that the audit log names; the report has all. */
const RANGES_NAMED = 20;

function salvage(
  { dataDir, keyStore, clock, heldWaitMs }: SalvageTillOptions,
  examined: MendedLog | undefined,
): Result<SalvageReport, StartError> {
  const key = loadKey(keyStore);
  if (!key.ok) return key;
  if (key.value === undefined) return err(openError('key-missing', dataDir));
  const nowMs = clock.now();
  return salvageFolder({
    dataDir,
    key: key.value,
    nowMs,
    random: systemRandom,
    examined,
    heldWaitMs,
  });
}
