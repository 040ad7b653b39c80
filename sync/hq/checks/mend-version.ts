import { rowHash } from '../../protocol/feed-hash.ts';
import type { HqSession } from '../database/database.ts';
import type { DamagedRow } from './publish-anew.ts';

const BITS = 64n;

/** A damaged row with what says which part of it is. */
export interface VersionedRow extends DamagedRow {
  /** As text: a damaged one may be beyond what a number holds. */
  readonly ver: string;
  readonly hash: string;
}

/**
 * The version of a row in which one bit flipped: of all that differ by one bit, the one under which the row has its hash.
 * The hash stands and no till needs anything. A version that was too high has kept later changes of the row from being
 * published, so the source has to be published after it where it says something else (see `publishAnew`).
 * @returns undefined where no such version is, so that something else is damaged
 */
export function rightVersion({ tbl, key, ver, body, hash }: VersionedRow): number | undefined {
  for (let bit = 0n; bit < BITS; bit++) {
    const one = Number(BigInt.asIntN(Number(BITS), BigInt(ver) ^ (1n << bit)));
    if (Number.isSafeInteger(one) && one > 0 && rowHash([tbl, key, one, body]) === hash) return one;
  }
  return undefined;
}

/** Puts a version right. @param tx a transaction that holds the sequencer off */
export async function mendVersion(
  tx: HqSession,
  { scope, tbl, key, ver, hash }: VersionedRow,
  right: number,
): Promise<void> {
  await tx.query(
    `UPDATE published SET ver = $4
     WHERE scope = $1 AND tbl = $2 AND key = $3 AND ver = $5::text::bigint AND hash = $6`,
    [scope, tbl, key, right, ver, hash],
  );
}
