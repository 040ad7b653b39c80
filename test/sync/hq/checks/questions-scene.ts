import { randomBytes } from 'node:crypto';
import {
  CHECKS_LIMITS,
  type ChecksLimits,
  createChecks,
} from '../../../../sync/hq/checks/create-checks.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { createModelTill } from './walker.ts';

/** Members of the store. */
export const MEMBERS = 300;

/** Numbers all that was written. */
export async function sequence(db: HqDatabase): Promise<void> {
  while (((await sequenceBatch(db, { maxRows: 500, maxBytes: BATCH_MAX_BYTES }))?.taken ?? 0) > 0);
}

/** A store with members, a till that holds them, and headquarters' answers. */
export async function scene(db: HqDatabase, limits: ChecksLimits = CHECKS_LIMITS) {
  await db.query(
    `INSERT INTO members (member_id, body) SELECT '会员-' || n, '{"n":' || n || '}' FROM generate_series(1, ${MEMBERS}) n`,
  );
  await db.query(
    "INSERT INTO member_scopes SELECT member_id, 's1', 'visit', 0 FROM members WHERE member_id LIKE '会员-%'",
  );
  await sequence(db);
  const till = await createModelTill(db);
  await till.follow();
  let nowMs = 1_000_000;
  const checks = createChecks(
    { db, nowMs: () => nowMs, random: (bytes) => randomBytes(bytes) },
    limits,
  );
  return {
    till,
    checks,
    wait(ms: number) {
      nowMs += ms;
    },
  };
}
