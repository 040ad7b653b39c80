import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { assert, err, ok, type Result, storeSchema, type TillPlace } from '../../contract/index.ts';
import { classifyOpenFailure } from '../classify-open-failure.ts';
import { type BookedUpTo, createBookedUpTo, readConfirmed } from '../incarnations.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import type { OpenError } from '../open-error.ts';
import { readPointer, writePointer } from '../pointer.ts';
import { createDocuments } from '../repositories/documents.ts';
import { createMemberRows, parseMember } from '../repositories/member-rows.ts';
import { type Connection, createConnection } from '../sqlite/connection.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { readIdentity } from '../store-identity.ts';
import { createFedAccounts } from '../sync/fed-accounts.ts';
import { createFeedRows } from '../sync/feed-rows.ts';
import { followStore } from '../sync/install-place.ts';
import { createSyncState } from '../sync/sync-state.ts';
import { type BuildState, readBuildState } from './build-state.ts';
import { copyLocalTables } from './copy-local-tables.ts';
import { discardBuild, readNote } from './snapshot-note.ts';

export interface AdoptOptions {
  readonly dataDir: string;
  /** Of the live database; both files have the same. */
  readonly key: Uint8Array;
  readonly nowMs: number;
}

/** `no-snapshot`: there is no finished build to adopt; nothing was changed. */
export type AdoptError = { readonly code: 'no-snapshot' } | OpenError;

/**
 * Makes a finished build the live database: whatever the till alone knows (ledger, keys, outbox, holds, pairings ...) goes
 * over into it, then the pointer names it. A kill before that leaves the old database live and the build to be adopted
 * again; the old file is kept until the start after the next. Only while no till has the folder open.
 */
export function adoptSnapshot(options: AdoptOptions): Result<void, AdoptError> {
  const { dataDir, key, nowMs } = options;
  const file = readNote(dataDir);
  if (file === undefined) return err({ code: 'no-snapshot' });
  try {
    const pointer = readPointer(dataDir);
    if (!pointer.ok) return pointer;
    assert(
      pointer.value?.state === 'live',
      'a snapshot is adopted in the place of a live database',
    );
    const live = openDatabase(join(dataDir, pointer.value.file), key, false);
    try {
      const migrated = migrate(live, MIGRATIONS, nowMs);
      if (!migrated.ok) return migrated;
      // So that the file alone holds everything and no log has to be read beside it.
      live.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      live.close();
    }
    const filled = fill(join(dataDir, file), join(dataDir, pointer.value.file), options);
    if (!filled.ok) return filled;
    const { keyCheck, createdAt } = pointer.value;
    writePointer(dataDir, {
      state: 'live',
      file,
      keyCheck,
      createdAt,
      previous: pointer.value.file,
    });
    discardBuild(dataDir);
    return ok(undefined);
  } catch (error) {
    return err(classifyOpenFailure(error, dataDir));
  }
}

function fill(path: string, livePath: string, options: AdoptOptions): Result<void, AdoptError> {
  const db = openDatabase(path, options.key, false);
  try {
    const migrated = migrate(db, MIGRATIONS, options.nowMs);
    if (!migrated.ok) return migrated;
    const connection = createConnection(db);
    const state = readBuildState(connection);
    if (state === undefined || !state.finished()) return err({ code: 'no-snapshot' });
    // Everything is copied as a whole; a check of each row against the others would only cost time.
    db.pragma('foreign_keys=OFF');
    const hexKey = Buffer.from(options.key).toString('hex');
    db.prepare(`ATTACH DATABASE ? AS live KEY "x'${hexKey}'"`).run(livePath);
    connection.transaction(() => {
      copyLocalTables(connection);
      settle(db, connection, state, options.nowMs);
    });
    db.exec('DETACH DATABASE live');
    db.pragma('wal_checkpoint(TRUNCATE)');
    return ok(undefined);
  } finally {
    db.close();
  }
}

/** What belongs to both: PIN tries, who joined here, points that own entries moved, the place in the feed. */
function settle(
  db: Database.Database,
  connection: Connection,
  build: BuildState,
  nowMs: number,
): void {
  const identity = readIdentity(db);
  assert(identity !== undefined, 'the live database says who it is');
  const state = createSyncState(connection);
  connection
    .statement(`
      UPDATE staff SET wrong_pins = old.wrong_pins, locked_until_ms = old.locked_until_ms
      FROM live.staff AS old WHERE old.staff_id = staff.staff_id AND old.pin_hash = staff.pin_hash`)
    .run();
  bringJoined(connection);
  const { tillId, incarnation } = identity;
  const bookedUpTo = createBookedUpTo(tillId, incarnation, readConfirmed(connection));
  bringPoints(connection, bookedUpTo, state.received().seq);
  followOwnStore(connection, nowMs);
  // What is kept of members goes with them.
  connection
    .statement(`
      DELETE FROM drift_stays WHERE tbl IN ('member', 'points') AND key NOT IN (SELECT member_id FROM members)`)
    .run();
  state.setCursor(build.start);
}

/** Members who joined at this till and whom headquarters has yet to send. */
function bringJoined(connection: Connection): void {
  const joined = connection.statement<{ memberId: string; body: string }>(`
    SELECT m.member_id AS memberId, m.body FROM outbox o
    JOIN live.members m ON m.member_id = o.body ->> '$.provisionalId' WHERE o.kind = 'join'`);
  const rows = createMemberRows(connection);
  for (const { memberId, body } of joined.all())
    if (rows.find(memberId) === undefined) rows.write(undefined, parseMember({ body }), body, 0);
}

/** Lots that own entries moved come over as they are defined; then each account is taken again, which adds what waits. */
function bringPoints(connection: Connection, bookedUpTo: BookedUpTo, receivedSeq: number): void {
  connection
    .statement(`
      INSERT INTO points_lots
      SELECT * FROM live.points_lots AS l WHERE EXISTS (
        SELECT 1 FROM points_movements m WHERE m.member_id = l.member_id AND m.lot_id = l.lot_id)
      ON CONFLICT (member_id, lot_id) DO UPDATE SET made_seq = excluded.made_seq`)
    .run();
  const accounts = createFedAccounts({ connection, bookedUpTo, receivedSeq: () => receivedSeq });
  const moved = connection.statement<{
    memberId: string;
    ver: number | null;
    body: string | null;
  }>(`
    SELECT m.member_id AS memberId, a.ver, a.body
    FROM (SELECT DISTINCT member_id FROM points_movements) m
    LEFT JOIN points_accounts a ON a.member_id = m.member_id`);
  for (const { memberId, ver, body } of moved.all()) {
    if (ver === null || body === null) accounts.remove(memberId, { ver: 0 });
    else
      assert(accounts.put(memberId, ver, body, { ver }) === undefined, 'an account was read once');
  }
}

function followOwnStore(connection: Connection, nowMs: number): void {
  const documents = createDocuments(connection);
  const place = documents.current('place');
  if (place === undefined) return;
  const { storeId } = (JSON.parse(place.body) as TillPlace).store;
  const body = createFeedRows(connection).body('store', storeId);
  if (body !== undefined) followStore(documents, storeSchema.parse(JSON.parse(body)), nowMs);
}
