import type { TillId } from '../contract/index.ts';
import {
  createBookedUpTo,
  readConfirmed,
  readFormer,
  readGaps,
  wantIncarnation,
} from './incarnations.ts';
import { readMissing } from './ledger-mark.ts';
import { createArticles } from './repositories/articles.ts';
import { createAudit } from './repositories/audit.ts';
import { createBaskets } from './repositories/baskets.ts';
import { createClients } from './repositories/clients.ts';
import { createCoupons } from './repositories/coupons.ts';
import { createCredentialUses } from './repositories/credential-uses.ts';
import { createDeviceBindings } from './repositories/device-bindings.ts';
import { createDeviceStatistics } from './repositories/device-statistics.ts';
import { createDocuments } from './repositories/documents.ts';
import { createEvents } from './repositories/events.ts';
import { createFacePairs } from './repositories/face-pairs.ts';
import { createFaces } from './repositories/faces.ts';
import { createHolds } from './repositories/holds.ts';
import { createLedger } from './repositories/ledger.ts';
import { createMembers } from './repositories/members.ts';
import { createMeta } from './repositories/meta.ts';
import { createOutbox } from './repositories/outbox.ts';
import { createOwnBookings } from './repositories/own-bookings.ts';
import { createPoints } from './repositories/points.ts';
import { createReplies } from './repositories/replies.ts';
import { createRuleUses } from './repositories/rule-uses.ts';
import { createScreens } from './repositories/screens.ts';
import { createStaff } from './repositories/staff.ts';
import { createSubjectKeys, type SubjectKeysSource } from './repositories/subject-keys.ts';
import { createVisits } from './repositories/visits.ts';
import type { Connection } from './sqlite/connection.ts';
import type { Store } from './store.ts';
import { createSyncStore } from './sync/create-sync-store.ts';

/** Who the database says it is. */
export interface StoreIdentity {
  readonly tillId: TillId;
  readonly incarnation: string;
}

/** The repositories over one connection; who opens the folder adds its journal. */
export function createStore(
  connection: Connection,
  identity: StoreIdentity,
  source: SubjectKeysSource,
): Omit<Store, 'journal'> {
  const documents = createDocuments(connection);
  return {
    ...identity,
    file: connection.file,
    transaction: (work) => connection.transaction(work),
    members: createMembers(connection),
    ownBookings: createOwnBookings(
      connection,
      createBookedUpTo(identity.tillId, identity.incarnation, readConfirmed(connection)),
    ),
    staff: createStaff(connection),
    articles: createArticles(connection),
    documents,
    keys: createSubjectKeys(connection, source),
    ledger: createLedger(connection),
    points: createPoints(connection),
    holds: createHolds(connection),
    coupons: createCoupons(connection),
    ruleUses: createRuleUses(connection),
    credentialUses: createCredentialUses(connection),
    faces: createFaces(connection),
    facePairs: createFacePairs(connection),
    deviceBindings: createDeviceBindings(connection),
    deviceStatistics: createDeviceStatistics(connection),
    replies: createReplies(connection),
    outbox: createOutbox(connection),
    events: createEvents(connection),
    clients: createClients(connection),
    screens: createScreens(connection),
    baskets: createBaskets(connection),
    visits: createVisits(connection),
    audit: createAudit(connection),
    meta: createMeta(connection),
    ledgerFacts: () => ({
      renewedAfter: readFormer(connection).map(({ seq }) => seq),
      gaps: readGaps(connection),
      missing: readMissing(connection),
    }),
    wantIncarnation: () => wantIncarnation(connection, source.nowMs()),
    onDamaged: (tell) => connection.onDamaged(tell),
    sync: createSyncStore(connection, { ...identity, documents, nowMs: source.nowMs }),
    leaveLog: (to) => connection.leaveLog(to),
    scrubErased: () => connection.scrubErased(),
    close: () => connection.close(),
  };
}
