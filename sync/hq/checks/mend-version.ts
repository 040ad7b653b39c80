import { rowHash } from '../../protocol/feed-hash.ts';
import type { HqSession } from '../database/database.ts';
import { SEQUENCER_LOCK } from '../feed/sequence-batch.ts';
import { type DamagedRow, publishAnew } from './publish-anew.ts';

/** A damaged row with what says which part of it is. */
export interface VersionedRow extends DamagedRow {
  /** As text: a damaged one may be beyond what a number holds. */
  readonly ver: string;
  readonly hash: string;
}

/**
 * Puts a version right in which one bit flipped: of all that differ by one bit, the one under which the row has its hash.
 * The hash stands and no till needs anything. A version that was too high has kept later changes of the row from being
 * published, so the source is published after it where it says something else.
 * @param tx a transaction
 * @returns false where no such version is, so that something else is damaged
 */
export async function mendVersion(tx: HqSession, row: VersionedRow): Promise<boolean> {
  const right = rightVersion(row);
  if (right === undefined) return false;
  await publishAnew(tx, row, true);
  // After the source, whose writers are waited for, and before the row, which a batch may want while it holds this lock.
  await tx.query(`SELECT pg_advisory_xact_lock(${SEQUENCER_LOCK})`);
  const { scope, tbl, key, ver, hash } = row;
  await tx.query(
    `UPDATE published SET ver = $4
     WHERE scope = $1 AND tbl = $2 AND key = $3 AND ver = $5::text::bigint AND hash = $6`,
    [scope, tbl, key, right, ver, hash],
  );
  return true;
}

const BITS = 64n;

function rightVersion({ tbl, key, ver, body, hash }: VersionedRow): number | undefined {
  for (let bit = 0n; bit < BITS; bit++) {
    const one = Number(BigInt.asIntN(Number(BITS), BigInt(ver) ^ (1n << bit)));
    if (Number.isSafeInteger(one) && one > 0 && rowHash([tbl, key, one, body]) === hash) return one;
  }
  return undefined;
}
