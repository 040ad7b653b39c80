import type { HqSession } from '../../database/database.ts';

/** Uses of one rule and what they took from its budget, on one day, at one store, by one member or by guests. */
export interface RuleUse {
  readonly ruleId: string;
  readonly budgetId: string | null;
  readonly storeId: string;
  readonly memberId: string | null;
  readonly day: string;
  readonly uses: number;
  readonly amountMinor: number;
}

/** Adds uses to the counters, in the order of their key, so that two uploads never wait for each other in a circle. */
export async function addRuleUses(tx: HqSession, uses: readonly RuleUse[]): Promise<void> {
  if (uses.length === 0) return;
  await tx.query(
    `INSERT INTO rule_uses (rule_id, budget_id, store_id, member_id, day, uses, amount_minor)
     SELECT rule_id, budget_id, store_id, member_id, day, sum(uses), sum(amount_minor)
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
       AS n (rule_id, budget_id, store_id, member_id, day, uses, amount_minor)
     GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
     ON CONFLICT (rule_id, budget_id, store_id, member_id, day)
       DO UPDATE SET uses = rule_uses.uses + excluded.uses,
         amount_minor = rule_uses.amount_minor + excluded.amount_minor`,
    [
      uses.map((one) => one.ruleId),
      uses.map((one) => one.budgetId ?? ''),
      uses.map((one) => one.storeId),
      uses.map((one) => one.memberId ?? ''),
      uses.map((one) => one.day),
      uses.map((one) => one.uses),
      uses.map((one) => one.amountMinor),
    ],
  );
}
