import { migration as feed } from './migrations/0001-feed.ts';
import { migration as records } from './migrations/0002-records.ts';
import { migration as tills } from './migrations/0003-tills.ts';
import { migration as ledger } from './migrations/0004-ledger.ts';
import { migration as imports } from './migrations/0005-imports.ts';
import { migration as sessions } from './migrations/0006-sessions.ts';
import { migration as accuracy } from './migrations/0007-accuracy.ts';
import { migration as points } from './migrations/0008-points.ts';
import { migration as limitedCoupons } from './migrations/0009-limited-coupons.ts';
import { migration as tierRuns } from './migrations/0010-tier-runs.ts';
import { migration as returns } from './migrations/0011-returns.ts';
import { migration as lastPurchases } from './migrations/0012-last-purchases.ts';
import { migration as digests } from './migrations/0013-digests.ts';
import { migration as exceptionsDesk } from './migrations/0014-exceptions-desk.ts';
import { migration as migrationProof } from './migrations/0015-migration-proof.ts';
import { migration as passes } from './migrations/0016-passes.ts';
import { migration as blockedPasses } from './migrations/0017-blocked-passes.ts';
import { migration as faces } from './migrations/0018-faces.ts';
import type { HqMigration } from './migrations/migration.ts';

/** HQ's schema, step by step. */
export const HQ_MIGRATIONS: readonly HqMigration[] = [
  feed,
  records,
  tills,
  ledger,
  imports,
  sessions,
  accuracy,
  points,
  limitedCoupons,
  tierRuns,
  returns,
  lastPurchases,
  digests,
  exceptionsDesk,
  migrationProof,
  passes,
  blockedPasses,
  faces,
];
