import type { HqDatabase } from '../../../sync/hq/database/database.ts';
import type { PointsAccount } from '../../../sync/protocol/feed.ts';
import { POINTS_AT_FIRST } from './chain.ts';
import { type Committed, entryName, type LedgerRow, type Violation } from './invariants.ts';

/**
 * Points: each account of headquarters is what its member had at first and what is booked for them: the movements of
 * every entry that headquarters has, as the till committed it, and of the web shop. Read in one step with `rows`.
 * @param atFirst members that the chain began with; their first lot may have been joined with others since
 */
export async function checkPoints(
  db: HqDatabase,
  rows: readonly LedgerRow[],
  { movements }: Committed,
  atFirst: ReadonlySet<string>,
): Promise<Violation[]> {
  const expected = new Map<string, number>();
  const add = (memberId: string, points: number): void =>
    void expected.set(memberId, (expected.get(memberId) ?? 0) + points);
  for (const { till_id, seq, hash } of rows)
    for (const { memberId, delta } of movements.get(entryName(till_id, seq, hash)) ?? [])
      add(memberId, delta);
  const online = await db.query<{ member_id: string; points: number }>(
    `SELECT member_id, sum(points_earned - points_spent)::bigint AS points
     FROM online_ledger GROUP BY member_id`,
  );
  for (const { member_id, points } of online) add(member_id, points);
  const accounts = await db.query<{ member_id: string; body: string }>(
    'SELECT member_id, body FROM point_accounts ORDER BY member_id',
  );
  const found: Violation[] = [];
  for (const { member_id, body } of accounts) {
    const { lots } = JSON.parse(body) as PointsAccount;
    const has = lots.reduce((sum, { points }) => sum + points, 0);
    const right = (atFirst.has(member_id) ? POINTS_AT_FIRST : 0) + (expected.get(member_id) ?? 0);
    expected.delete(member_id);
    if (has !== right)
      found.push({
        invariant: 'points',
        detail: `${member_id} has ${has} points at headquarters, and ${right} are booked`,
      });
  }
  for (const [memberId, points] of expected)
    if (points !== 0)
      found.push({
        invariant: 'points',
        detail: `${memberId} has no account at headquarters, and ${points} are booked`,
      });
  return found;
}
