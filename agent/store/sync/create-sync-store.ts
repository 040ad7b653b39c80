import type { DocumentDue, SyncStore } from '../../../sync/client/ports.ts';
import { documentRowSchema } from '../../../sync/protocol/feed.ts';
import { assert, storeSchema, type TillId } from '../../contract/index.ts';
import { createChecksStore } from '../checks/create-checks-store.ts';
import { createTellDrift } from '../checks/tell-drift.ts';
import { createBookedUpTo, readConfirmed, readFormer, readGaps } from '../incarnations.ts';
import { createMeta } from '../repositories/meta.ts';
import { createOutbox } from '../repositories/outbox.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { DocumentsRepository } from '../store.ts';
import { type ApplyParts, applyRows, type Drift } from './apply-rows.ts';
import { createDigestState } from './digest-state.ts';
import { createFedAccounts } from './fed-accounts.ts';
import { createFedArticles } from './fed-articles.ts';
import { createFedDigests } from './fed-digests.ts';
import { createFedMembers } from './fed-members.ts';
import { createFedStaff } from './fed-staff.ts';
import type { FedTable } from './fed-table.ts';
import { createFeedRows } from './feed-rows.ts';
import { createHeadKnown } from './head-known.ts';
import { createHeldRows } from './held-rows.ts';
import { followStore, installPlace } from './install-place.ts';
import { createJoinedHere } from './joined-here.ts';
import { createLeaveStore } from './leave-store.ts';
import { createLedgerProof } from './ledger-proof.ts';
import { createNextUpload } from './next-upload.ts';
import { createOpenAllowances } from './open-allowances.ts';
import { createPruneLedger } from './prune-ledger.ts';
import { createReceipts } from './receipts.ts';
import { createReceivedMarks } from './received-marks.ts';
import { createRemoveAbsent } from './remove-absent.ts';
import { createStayingImages } from './staying-images.ts';
import { createSyncState } from './sync-state.ts';
import { createTombstones } from './tombstones.ts';

export interface SyncStoreParts {
  readonly tillId: TillId;
  readonly incarnation: string;
  readonly documents: DocumentsRepository;
  readonly nowMs: () => number;
}

/** The till's database as sync sees it. */
export function createSyncStore(connection: Connection, parts: SyncStoreParts): SyncStore {
  const { tillId, incarnation, documents, nowMs } = parts;
  const state = createSyncState(connection);
  const former = readFormer(connection);
  const marks = createReceivedMarks(connection);
  const receipts = createReceipts(connection, { state, marks, begins: former.at(-1) });
  const outbox = createOutbox(connection);
  const meta = createMeta(connection);
  const upload = createNextUpload(connection, incarnation);
  const openAllowances = createOpenAllowances(connection);
  const bookedUpTo = createBookedUpTo(tillId, incarnation, readConfirmed(connection));
  const pruneLedger = createPruneLedger(connection, {
    tillId,
    incarnation,
    state,
    marks,
    bookedUpTo,
    gaps: readGaps(connection),
  });
  const beganAt = former.at(-1)?.seq ?? 0;
  const ledger = createLedgerProof(connection, { tillId, incarnation, beganAt, upload });
  const joinedHere = createJoinedHere(connection);
  const digestState = createDigestState(connection);
  const digests = createFedDigests(connection, digestState, nowMs);
  const held = createHeldRows(connection);
  const leaveStore = createLeaveStore(connection, digests);
  /** What still comes then is of the feed of the store that was left; the next start follows the other one. */
  let hasLeft = false;
  const feedRows = createFeedRows(connection);
  const tombstones = createTombstones(connection, nowMs);
  const oldest = connection.statement<{ at_ms: number }>(
    'SELECT at_ms FROM outbox WHERE no > ? ORDER BY no LIMIT 1',
  );
  const entries = connection.statement('SELECT 1 FROM ledger LIMIT 1');

  const tables: Readonly<Record<string, FedTable>> = {
    points: createFedAccounts({
      connection,
      bookedUpTo,
      receivedSeq: () => state.received().seq,
    }),
    member: createFedMembers(connection) as FedTable,
    staff: createFedStaff(connection),
    article: createFedArticles(connection),
    store: feedRows.table('store', (_key, body) =>
      followStore(documents, storeSchema.parse(JSON.parse(body)), nowMs()),
    ),
  };
  const tableOf = (name: string): FedTable =>
    Object.hasOwn(tables, name) ? (tables[name] as FedTable) : feedRows.table(name);

  const images = createStayingImages(connection);
  const apply: ApplyParts = { tableOf, feedRows, tombstones, digests, held, images };
  const tellDrift = createTellDrift(connection, nowMs);
  const removeAbsent = createRemoveAbsent({ ...apply, joinedHere, tellDrift });
  const checks = createChecksStore(connection, {
    ...apply,
    digestState,
    cursor: state.cursor,
    bookedUpTo,
    identity: { tillId, incarnation },
    nowMs,
  });

  function documentDue(body: string): DocumentDue | undefined {
    const { kind, version, sizeBytes, sha256 } = documentRowSchema.parse(JSON.parse(body));
    const installed = documents.sinceRegistered(kind)?.version ?? 0;
    return version > installed ? { kind, version, sizeBytes, sha256 } : undefined;
  }

  return {
    tillId,
    incarnation,
    registration: state.registration,
    register: (registration) =>
      connection.together(() => {
        const { place } = registration;
        const before = state.registration()?.place;
        if (place.tillId !== tillId) {
          assert(entries.get() === undefined, 'a till that has sold keeps its id');
          meta.set('tillId', place.tillId);
        }
        const moved =
          before?.tillId !== place.tillId || before.store.storeId !== place.store.storeId;
        if (before !== undefined && moved) {
          leaveStore();
          hasLeft = true;
        }
        state.setRegistration(registration);
        installPlace(documents, place, nowMs());
      }),
    cursor: state.cursor,
    timeline: state.timeline,
    readRefused: (after, limit) =>
      connection.together(() => {
        const rows = feedRows.refused(after, limit);
        for (const [table, key] of rows) feedRows.remove(table, key);
        const applied = applyRows(apply, rows, 'aside');
        const [table, key] = rows.at(-1) ?? [];
        const isLast = rows.length < limit || table === undefined || key === undefined;
        return { applied, next: isLast ? null : { table, key } };
      }),
    fed: (table, key) => feedRows.body(table, key),
    fedKeys: feedRows.keys,
    fedState(table, key) {
      if (feedRows.body(table, key) !== undefined) return 'there';
      if (feedRows.refusedVer(table, key) !== undefined) return 'aside';
      return tombstones.verOf(table, key) > 0 ? 'gone' : 'none';
    },
    apply: (rows, cursor, copy, at) =>
      connection.together(() => {
        if (hasLeft) return { changed: [], ignored: rows.length };
        const drift: Drift | undefined =
          at === undefined || copy !== 'differing' ? undefined : new Map();
        const applied = applyRows(apply, rows, copy ?? 'feed', drift);
        if (at !== undefined) drift?.forEach((some, table) => void tellDrift(table, some, at));
        if (cursor !== undefined) state.setCursor(cursor);
        return applied;
      }),
    applyAhead: (rows) =>
      connection.together(() =>
        hasLeft ? { changed: [], ignored: rows.length } : applyRows(apply, rows, 'ahead'),
      ),
    checks,
    removeAbsent: (table, present, range) =>
      connection.together(() => removeAbsent(table, present, range)),
    nextUpload: (maxItems, maxBytes) => upload.items(state.received().outboxNo, maxItems, maxBytes),
    waiting: () => ({
      count: outbox.waiting(),
      oldestMs: oldest.get(state.received().outboxNo)?.at_ms ?? null,
    }),
    acknowledge: receipts.acknowledge,
    received: state.received,
    former: () => former,
    isHeadKnown: createHeadKnown(connection, former.at(-1), readGaps(connection)),
    sendAgain: receipts.sendAgain,
    proofs: state.proofs,
    stageProof: (next) => connection.together(() => state.stageProof(next)),
    confirmProof: state.confirmProof,
    openAllowances: () => openAllowances(state.received().outboxNo),
    queueRelease: (allowanceId, atMs) => outbox.append({ kind: 'release', atMs, allowanceId }),
    documentsDue: () =>
      feedRows
        .all('document')
        .map(({ body }) => documentDue(body))
        .filter((due) => due !== undefined),
    pruneLedger,
    ledger,
    pruneTombstones: tombstones.pruneBefore,
    isCrowded: () => connection.isCrowded(),
  };
}
