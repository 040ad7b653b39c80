import { err, ok } from '../../../../agent/contract/result.ts';
import { type CountedUse, keptTarget } from '../../../../agent/domain/benefits/kept-target.ts';
import { ownValue } from '../../../../agent/domain/benefits/own-value.ts';
import type { UnitsByLine } from '../../../../agent/domain/benefits/return-share.ts';
import type { HqReply } from '../../../protocol/hq-api.ts';
import { hqFailure } from '../../../protocol/hq-error.ts';
import type { PublishedRules } from '../../accuracy/published-rules.ts';
import type { HqDeps, HqHandler } from '../../deps.ts';
import { tillOf } from '../callers.ts';
import { transact } from '../transact.ts';
import { basisOf } from './find-sale.ts';
import { readSale } from './read-sale.ts';

/**
 * Works out for a till what a sale comes to for the goods that the shopper keeps, before a return and with it. What the
 * sale rested on stays here.
 */
export function createKeptGoods(deps: HqDeps, rules: PublishedRules): HqHandler<'keptGoods'> {
  return async (caller, { saleId, before, after }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    return transact(deps, async (tx) => {
      const sale = await readSale(tx, saleId);
      if (!sale.ok) return err(hqFailure('not-found', 'saleId'));
      const { evaluation, facts } = sale.value;
      for (const [field, units] of Object.entries({ before, after }))
        if (!isWithin(units)) return err(hqFailure('invalid-input', field));
      const basis = await basisOf(tx, rules, sale.value);
      const taken = facts.ruleUses.map(
        ({ ruleId, uses, budgetId, amountMinor }): CountedUse => ({
          ruleId,
          counted: uses > 0,
          budgetId,
          amountMinor,
        }),
      );
      const target = (units: UnitsByLine) =>
        keptTarget(basis, evaluation, units, taken) as unknown as HqReply<'keptGoods'>['after'];
      return ok({ before: target(before), after: target(after) });

      function isWithin(units: UnitsByLine): boolean {
        return evaluation.lines.every(({ lineId, qty }) => (ownValue(units, lineId) ?? 0) <= qty);
      }
    });
  };
}
