import type { Connection } from '../sqlite/connection.ts';

/** This till's own movements of a member, lot by lot. */
export interface OwnMovements {
  /** Sums of what entries after `seq` moved, by lot. */
  after(memberId: string, seq: number): Map<string, number>;
  /** Whether any entry that is still kept moved the lot. */
  touched(memberId: string, lotId: string): boolean;
}

/** Reads own movements by member. */
export function createOwnMovements(connection: Connection): OwnMovements {
  const sums = connection.statement<{ lot_id: string; delta: number }>(`
    SELECT lot_id, sum(delta) AS delta FROM points_movements WHERE member_id = ? AND seq > ? GROUP BY lot_id`);
  const any = connection.statement(
    'SELECT 1 FROM points_movements WHERE member_id = ? AND lot_id = ? LIMIT 1',
  );
  return {
    after: (memberId, seq) =>
      new Map(sums.all(memberId, seq).map(({ lot_id, delta }) => [lot_id, delta])),
    touched: (memberId, lotId) => any.get(memberId, lotId) !== undefined,
  };
}
