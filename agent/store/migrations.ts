import { migration as meta } from './migrations/0001-meta.ts';
import { migration as members } from './migrations/0002-members.ts';
import { migration as staff } from './migrations/0003-staff.ts';
import { migration as articles } from './migrations/0004-articles.ts';
import { migration as documents } from './migrations/0005-documents.ts';
import { migration as subjectKeys } from './migrations/0006-subject-keys.ts';
import { migration as ledger } from './migrations/0007-ledger.ts';
import { migration as points } from './migrations/0008-points.ts';
import { migration as holds } from './migrations/0009-holds.ts';
import { migration as replies } from './migrations/0010-replies.ts';
import { migration as outbox } from './migrations/0011-outbox.ts';
import { migration as events } from './migrations/0012-events.ts';
import { migration as access } from './migrations/0013-access.ts';
import { migration as baskets } from './migrations/0014-baskets.ts';
import { migration as visits } from './migrations/0015-visits.ts';
import { migration as audit } from './migrations/0016-audit.ts';
import { migration as ruleUses } from './migrations/0017-rule-uses.ts';
import { migration as smallerRows } from './migrations/0018-smaller-rows.ts';
import { migration as syncState } from './migrations/0019-sync-state.ts';
import { migration as outboxBodies } from './migrations/0020-outbox-bodies.ts';
import { migration as fedVersions } from './migrations/0021-fed-versions.ts';
import { migration as pointsAccounts } from './migrations/0022-points-accounts.ts';
import { migration as ledgerBase } from './migrations/0023-ledger-base.ts';
import { migration as documentRegistrations } from './migrations/0024-document-registrations.ts';
import { migration as pointsByBucket } from './migrations/0025-points-by-bucket.ts';
import { migration as couponUses } from './migrations/0026-coupon-uses.ts';
import { migration as outboxMembers } from './migrations/0027-outbox-members.ts';
import { migration as holdsByReference } from './migrations/0028-holds-by-reference.ts';
import { migration as couponCounts } from './migrations/0029-coupon-counts.ts';
import { migration as fedDigests } from './migrations/0030-fed-digests.ts';
import { migration as ledgerProof } from './migrations/0031-ledger-proof.ts';
import { migration as credentialUses } from './migrations/0032-credential-uses.ts';
import { migration as devices } from './migrations/0033-devices.ts';
import { migration as faces } from './migrations/0034-faces.ts';
import { migration as facePairs } from './migrations/0035-face-pairs.ts';
import type { Migration } from './migrations/migration.ts';

/** Every step of the schema, in the order in which they run. */
export const MIGRATIONS: readonly Migration[] = [
  meta,
  members,
  staff,
  articles,
  documents,
  subjectKeys,
  ledger,
  points,
  holds,
  replies,
  outbox,
  events,
  access,
  baskets,
  visits,
  audit,
  ruleUses,
  smallerRows,
  syncState,
  outboxBodies,
  fedVersions,
  pointsAccounts,
  ledgerBase,
  documentRegistrations,
  pointsByBucket,
  couponUses,
  outboxMembers,
  holdsByReference,
  couponCounts,
  fedDigests,
  ledgerProof,
  credentialUses,
  devices,
  faces,
  facePairs,
];
