import type { MemberId, RuleId } from '../../../../agent/contract/ids.ts';
import { ok, type Result } from '../../../../agent/contract/result.ts';
import { type ReturnBasis, returnBasis } from '../../../../agent/domain/benefits/return-basis.ts';
import { addDays } from '../../../../agent/domain/calendar/day.ts';
import type { HqReply } from '../../../protocol/hq-api.ts';
import type { FoundSale } from '../../../protocol/sale-lookup.ts';
import type { PublishedRules } from '../../accuracy/published-rules.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps, HqHandler } from '../../deps.ts';
import { lotIdOf } from '../account.ts';
import { tillOf } from '../callers.ts';
import { livingOf, readMembers } from '../held-members.ts';
import { transact } from '../transact.ts';
import { type ReadSale, readReturns, readSale } from './read-sale.ts';

/** What the rules of its day say of a sale's returns. */
export async function basisOf(
  session: HqSession,
  rules: PublishedRules,
  { header, evaluation, sealed }: ReadSale,
): Promise<ReturnBasis> {
  const compiled = await rules.ofVersion(session, header.ruleSetVersion);
  return returnBasis(compiled === undefined ? [] : [compiled], header, evaluation, sealed);
}

/**
 * Tells a till what returns of a sale need, whichever till made it: figures, articles and lots, of the member the id
 * alone. Not what the sale rested on: the kept goods are computed here.
 */
export function createFindSale(deps: HqDeps, rules: PublishedRules): HqHandler<'findSale'> {
  return async (caller, { saleId }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    return transact(deps, async (tx): Promise<Result<HqReply<'findSale'>, never>> => {
      const sale = await readSale(tx, saleId);
      if (!sale.ok) return ok({ sale: null, reason: sale.error });
      const returns = await readReturns(tx, saleId);
      if (returns.unreadable.length > 0) return ok({ sale: null, reason: 'unreadable' });
      return ok({ sale: await told(tx, rules, sale.value, returns.returns) });
    });
  };
}

async function told(
  tx: HqSession,
  rules: PublishedRules,
  sale: ReadSale,
  returns: FoundSale['returns'],
): Promise<FoundSale> {
  const { header, facts, sealed, evaluation } = sale;
  const basis = await basisOf(tx, rules, sale);
  const named = new Set(
    evaluation.lines.flatMap(({ discounts }) => discounts.map((d) => d.ruleId)),
  );
  for (const { ruleId } of evaluation.gifts) named.add(ruleId);
  for (const ruleId of basis.recompute?.rules ?? []) named.add(ruleId as RuleId);
  const { tierAfter } = evaluation;
  const tierBefore = (sealed.input as { member?: { tier?: string } | null } | null)?.member?.tier;
  const { memberId, lots } = await accountOf(tx, facts.memberId);
  const { windowDays, keptBecause } = basis;
  return {
    saleId: header.saleId,
    tillId: header.tillId,
    storeId: header.storeId,
    at: header.at,
    businessDay: header.businessDay,
    referenceId: (sealed.referenceId ?? '').slice(0, 64),
    currency: header.currency,
    ruleSetVersion: header.ruleSetVersion,
    policyVersion: header.policyVersion,
    memberId,
    lines: evaluation.lines,
    gifts: evaluation.gifts,
    movements: facts.movements.map(({ lotId, delta, lot }) => {
      const known = lots.get(lotIdOf(lotId)) ?? lot;
      return { lotId: lotIdOf(lotId), delta, ...(known === undefined ? {} : { lot: known }) };
    }),
    entitlements: evaluation.entitlements.map(({ kind }) => kind),
    ...(tierAfter === undefined || tierAfter === tierBefore ? {} : { tierAfter }),
    couponsUsed: facts.couponsUsed,
    names: Object.fromEntries(
      [...named].flatMap((ruleId) => {
        const name = basis.names.get(ruleId);
        return name === undefined ? [] : [[ruleId, name]];
      }),
    ),
    ...(windowDays === undefined ? {} : { returnUntil: addDays(header.businessDay, windowDays) }),
    ...(keptBecause === undefined ? {} : { keptBecause }),
    returns: [...returns],
  };
}

type LotFacts = NonNullable<FoundSale['movements'][number]['lot']>;

/** Who the member is today, with the facts of their lots by id. */
async function accountOf(
  tx: HqSession,
  named: MemberId | null,
): Promise<{ memberId: MemberId | null; lots: ReadonlyMap<string, LotFacts> }> {
  if (named === null) return { memberId: null, lots: new Map() };
  const memberId = livingOf(await readMembers(tx, [named]), named).memberId as MemberId;
  const [row] = await tx.query<{ body: string }>(
    'SELECT body FROM point_accounts WHERE member_id = $1',
    [memberId],
  );
  if (row === undefined) return { memberId, lots: new Map() };
  const { lots } = JSON.parse(row.body) as {
    lots: readonly (LotFacts & { lotId: string; points: number })[];
  };
  return {
    memberId,
    lots: new Map(lots.map(({ lotId, points: _left, ...lot }) => [lotId, lot])),
  };
}
