import type Database from 'better-sqlite3';
import { assert, err, ok, type Result, UUID_RANDOM_BYTES, uuidv7 } from '../../contract/index.ts';
import { noteGaps, renewIncarnation } from '../incarnations.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import { type OpenError, openError } from '../open-error.ts';
import { createMeta } from '../repositories/meta.ts';
import { createConnection } from '../sqlite/connection.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { readIdentity } from '../store-identity.ts';
import type { CopiedTable } from './copy-table.ts';
import { createRefill, type Refilled } from './refill-entries.ts';
import { remakeLots } from './remake-lots.ts';
import type { SalvageReport } from './salvage-report.ts';
import { type JournalOf, type SettledLedger, settleSalvaged } from './settle-salvaged.ts';
import { withoutTriggers } from './without-triggers.ts';

/** Under which name `meta` keeps the last report's file. */
export const LAST_SALVAGE = 'salvage.last';

export interface SettleOptions {
  readonly key: Uint8Array;
  readonly nowMs: number;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** The last entry that the mark beside the damaged file knows; 0 where there is none. */
  readonly marked: number;
  readonly reportFile: string;
  readonly journal: JournalOf;
}

/** Brings the salvaged rows in order, and the schema to this program's. */
export function settleDatabase(
  path: string,
  copied: ReadonlyMap<string, CopiedTable>,
  { key, nowMs, random, marked, reportFile, journal }: SettleOptions,
): Result<SalvageReport['ledger'], OpenError> {
  const db = openDatabase(path, key, false);
  try {
    db.pragma('foreign_keys=OFF');
    const migrated = migrate(db, MIGRATIONS, nowMs);
    if (!migrated.ok) return migrated;
    const refill = createRefill(createConnection(db), copied, journal);
    const judged = db.transaction(() => {
      const ledger = withoutTriggers(db, () => {
        refill.queue();
        const settled = settleSalvaged(db, copied, marked, nowMs, refill.journal);
        return { ...settled, refilled: refill.rest() };
      });
      // The first copy of headquarters then comes as to a new till. The timeline stays: it says whether headquarters is
      // the one that forgot, where it does not know this till's proof.
      db.exec('UPDATE sync_state SET pos = NULL, chain = NULL');
      return ledger;
    })();
    const settled = nameIt(db, judged, reportFile, uuidv7(nowMs, random(UUID_RANDOM_BYTES)));
    if (settled === undefined)
      return err(openError('database-unreadable', `${path}: nothing says which till it is`));
    const identity = readIdentity(db);
    assert(identity !== undefined, 'a salvaged database says who it is');
    const connection = createConnection(db);
    connection.transaction(() => remakeLots(connection, identity, nowMs, 0, refill.lots()));
    db.pragma('wal_checkpoint(TRUNCATE)');
    return ok(settled);
  } finally {
    db.close();
  }
}

/**
 * The salvaged database is the till that it was. It keeps its incarnation where its last entry is proved and nothing that
 * headquarters has yet to receive is missing; else it goes on under a fresh one, so that no number is taken twice.
 */
function nameIt(
  db: Database.Database,
  ledger: SettledLedger & { readonly refilled: Refilled },
  reportFile: string,
  incarnation: string,
): SalvageReport['ledger'] | undefined {
  const connection = createConnection(db);
  const meta = createMeta(connection);
  if (meta.get('tillId') === undefined) {
    const tillId = tillIdOf(db);
    if (tillId === undefined) return undefined;
    meta.set('tillId', tillId);
  }
  const gaps = ledger.lost
    .filter(({ fromSeq }) => fromSeq <= ledger.headSeq)
    .map((range) => ({ ...range, report: reportFile }));
  const before = meta.get('incarnation') ?? incarnationOf(db);
  if (before !== undefined) meta.set('incarnation', before);
  const isRenewed = before === undefined || !ledger.headProved || ledger.lostUnsent > 0;
  connection.transaction(() => {
    noteGaps(connection, gaps);
    if (isRenewed) renewIncarnation(connection, incarnation);
    meta.set(LAST_SALVAGE, reportFile);
  });
  return { ...ledger, incarnation: meta.get('incarnation') ?? incarnation, isRenewed };
}

function tillIdOf(db: Database.Database): string | undefined {
  return (
    db
      .prepare<[], { id: string | null }>(`
      SELECT coalesce(
        (SELECT header ->> '$.tillId' FROM ledger ORDER BY seq DESC LIMIT 1),
        (SELECT registration ->> '$.place.tillId' FROM sync_state),
        (SELECT body ->> '$.tillId' FROM documents WHERE kind = 'place' ORDER BY registration DESC, version DESC LIMIT 1)
      ) AS id`)
      .get()?.id ?? undefined
  );
}

function incarnationOf(db: Database.Database): string | undefined {
  return db
    .prepare<[], { name: string }>(
      `SELECT header ->> '$.incarnation' AS name FROM ledger ORDER BY seq DESC LIMIT 1`,
    )
    .get()?.name;
}
