import type { EvaluationInput } from '../../../agent/contract/evaluation-input.ts';
import type { LimitScope, Rule } from '../../../agent/contract/rules.ts';
import type { HqSession } from '../database/database.ts';
import { beforeValues, isBefore, type Moment } from './member-at.ts';

/** Length of `YYYY-MM`. */
const MONTH_CHARS = 7;

export type UsesThen = Pick<EvaluationInput, 'counters' | 'budgetsUsedMinor'>;

/** For whom uses are counted. */
export interface UsesAsked {
  readonly moment: Moment;
  readonly storeId: string;
  /** The business day, `YYYY-MM-DD`. */
  readonly day: string;
  /** Every id of the member; empty for guests. */
  readonly memberIds: readonly string[];
}

/** Uses and campaign money that the whole chain had taken before a moment, for rules that have limits or a budget. */
export async function usesAt(
  session: HqSession,
  rules: readonly Rule[],
  asked: UsesAsked,
): Promise<UsesThen> {
  const counters: Record<string, Partial<Record<LimitScope, number>>> = {};
  for (const { id, limits } of rules) {
    if (limits.length === 0) continue;
    const counted = await countsOf(session, id, asked);
    counters[id] = Object.fromEntries(limits.map(({ scope }) => [scope, counted[scope]]));
  }
  const budgetsUsedMinor: Record<string, number> = {};
  for (const id of new Set(rules.flatMap(({ budget }) => budget?.id ?? [])))
    budgetsUsedMinor[id] = await totalBefore(session, 'budget', id, asked.moment);
  return { counters, budgetsUsedMinor };
}

async function countsOf(
  session: HqSession,
  ruleId: string,
  { moment, storeId, day, memberIds }: UsesAsked,
): Promise<Record<LimitScope, number>> {
  const sums = async (where: string, values: readonly (string | string[])[]): Promise<number> => {
    const [row] = await session.query<{ uses: number }>(
      `SELECT coalesce(sum(uses), 0)::bigint AS uses FROM accuracy_uses u
       WHERE ${isBefore('u', 1)} AND rule_id = $5 AND ${where}`,
      [...beforeValues(moment), ruleId, ...values],
    );
    return atLeastZero(row?.uses);
  };
  const ids = [...memberIds];
  return {
    total: await totalBefore(session, 'rule', ruleId, moment),
    'store-day': await sums('store_id = $6 AND day = $7', [storeId, day]),
    member: await sums('member_id = ANY($6)', [ids]),
    'member-day': await sums('member_id = ANY($6) AND day = $7', [ids, day]),
    'member-month': await sums('member_id = ANY($6) AND left(day, 7) = $7', [
      ids,
      day.slice(0, MONTH_CHARS),
    ]),
  };
}

/** Everything there is, less what came later: mostly little. */
async function totalBefore(
  session: HqSession,
  kind: 'rule' | 'budget',
  id: string,
  moment: Moment,
): Promise<number> {
  const [column, key] = kind === 'rule' ? ['uses', 'rule_id'] : ['amount_minor', 'budget_id'];
  const [row] = await session.query<{ amount: number }>(
    `SELECT (coalesce((SELECT amount FROM accuracy_totals WHERE kind = $5 AND id = $6), 0)
       - coalesce((SELECT sum(${column}) FROM accuracy_uses u
           WHERE u.${key} = $6 AND u.at_ms >= $7 AND NOT ${isBefore('u', 1)}), 0))::bigint AS amount`,
    [...beforeValues(moment), kind, id, moment.atMs],
  );
  return atLeastZero(row?.amount);
}

/** A return may have come before its sale. */
function atLeastZero(sum: number | undefined): number {
  return Math.max(0, sum ?? 0);
}
