import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { Allowance } from '../../../agent/contract/evaluation-input.ts';
import { BASE_BUCKET, type PointsLot } from '../../../agent/contract/member.ts';
import { balances, spendablePoints } from '../../../agent/domain/points/lots.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import { applyMovements, emptyAccount, lotsOf, type Movement } from '../books/account.ts';
import { movesOf } from '../books/online/online-chain.ts';
import type { HqSession } from '../database/database.ts';
import { beforeValues, isBefore, type Moment } from './member-at.ts';

/** The source of lots that imports make. */
const IMPORTED = 'import';

/** Points that a member could have spent, by those who know every booking. */
export interface PointsThen {
  readonly points: Allowance;
  readonly pointsByBucket: Readonly<Record<string, number>>;
}

/**
 * The points of a member at a moment: those of today's account less whatever moved since. Reservations are left out:
 * they bind who asks for points, and no till counts them.
 * @param ids the member and whoever they were merged into; the last one holds the account
 * @param today the day of the moment, `YYYY-MM-DD`
 */
export async function pointsAt(
  session: HqSession,
  ids: readonly string[],
  moment: Moment,
  today: string,
): Promise<PointsThen> {
  const lots = await lotsAt(session, ids, moment, today);
  const others = [...balances(lots, today).keys()].filter((bucket) => bucket !== BASE_BUCKET);
  const byBucket = others.map((bucket) => [bucket, spendablePoints(lots, today, bucket)] as const);
  return {
    points: { reachable: true, available: spendablePoints(lots, today) },
    pointsByBucket: Object.fromEntries(byBucket.filter(([, points]) => points > 0)),
  };
}

async function lotsAt(
  session: HqSession,
  ids: readonly string[],
  moment: Moment,
  today: string,
): Promise<PointsLot[]> {
  const memberId = ids.at(-1) ?? '';
  const [row] = await session.query<{ body: string }>(
    'SELECT body FROM point_accounts WHERE member_id = $1',
    [memberId],
  );
  const account =
    row === undefined ? emptyAccount(memberId) : (JSON.parse(row.body) as PointsAccount);
  const since = await movedSince(session, ids, moment);
  const undone = since.map((movement) => ({ ...movement, delta: -movement.delta }));
  const before = applyMovements(account, undone, {
    earnedAt: '1970-01-01T00:00:00.000Z',
    name: '',
    today,
  });
  // What an import brought after the moment stands in no ledger that it could be taken off by.
  return lotsOf(before.account).filter(
    ({ source, earnedAt }) => source !== IMPORTED || Date.parse(earnedAt) <= moment.atMs,
  );
}

async function movedSince(
  session: HqSession,
  ids: readonly string[],
  moment: Moment,
): Promise<Movement[]> {
  const entries = await session.query<{ facts: string }>(
    `SELECT facts FROM ledger l WHERE member_id = ANY($5) AND NOT ${isBefore('l', 1)}`,
    [...beforeValues(moment), [...ids]],
  );
  const online = await session.query<{ header: string }>(
    'SELECT header FROM online_ledger WHERE member_id = ANY($2) AND received_at_ms >= $1',
    [moment.atMs, [...ids]],
  );
  return [
    ...entries.flatMap(({ facts }) => (JSON.parse(facts) as EntryFacts).movements),
    ...online.flatMap(({ header }) => movesOf(header)),
  ];
}
