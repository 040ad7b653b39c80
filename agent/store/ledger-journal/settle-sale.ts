import type { EntryHeader } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { JournalEntry, TableRow } from './journal-entry.ts';
import type { RowWriter } from './row-writer.ts';

interface Use {
  readonly rule_id: string;
  readonly counted: number;
  readonly budget_id: string | null;
  readonly amount_minor: number;
}

/**
 * Does again what entries did beside the ledger and the points: the hold, the answer, and for one that nothing of the
 * database knows coupons, uses and basket as its transaction left them.
 * @returns a writer; `isBeyond` = nothing in the database speaks of the entry
 */
export function createSaleSettler(
  connection: Connection,
  write: RowWriter,
): (entry: JournalEntry, isBeyond: boolean) => void {
  const usesOf = connection.statement<Use>('SELECT * FROM rule_uses WHERE evaluation_id = ?');
  const removeUses = connection.statement('DELETE FROM rule_uses WHERE evaluation_id = ?');
  const addTotal = connection.statement(`
    INSERT INTO use_totals VALUES (?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET amount = amount + excluded.amount`);
  // A total that a salvage lost began again at less than its uses.
  const takeTotal = connection.statement(
    'UPDATE use_totals SET amount = max(0, amount - ?) WHERE kind = ? AND id = ?',
  );
  const release = connection.statement(
    `DELETE FROM coupon_uses WHERE code = ? AND evaluation_id = ? AND state = 'reserved'`,
  );
  const endBasket = connection.statement(`
    UPDATE baskets SET state = ?, member_id = NULL, identification = NULL, updated_at_ms = ?
    WHERE basket_id = ? AND evaluation_id = ?`);

  /** A void gives all of a hold back, a return part of a sale's. */
  function setUses(evaluationId: string, uses: readonly TableRow[]): void {
    for (const { rule_id, counted, budget_id, amount_minor } of usesOf.all(evaluationId)) {
      if (counted === 1) takeTotal.run(1, 'rule', rule_id);
      if (budget_id !== null) takeTotal.run(amount_minor, 'budget', budget_id);
    }
    removeUses.run(evaluationId);
    for (const use of uses) {
      write('rule_uses', use, 'ABORT');
      const { rule_id = null, counted, budget_id = null, amount_minor = 0 } = use;
      if (counted === 1) addTotal.run('rule', rule_id, 1);
      if (budget_id !== null) addTotal.run('budget', budget_id, amount_minor);
    }
  }

  function endHold({ kind, header }: JournalEntry['ledger'], hold: TableRow): void {
    const { evaluation_id = null, basket_id = null, coupons_reserved } = hold;
    const state = kind === 'sale' ? 'COMMITTED' : 'VOIDED';
    const atMs = Date.parse((JSON.parse(header) as EntryHeader).at);
    endBasket.run(state, atMs, basket_id, evaluation_id);
    if (typeof coupons_reserved !== 'string') return;
    for (const code of JSON.parse(coupons_reserved) as string[]) {
      release.run(code, evaluation_id);
      if (kind === 'sale') write('coupon_uses', { code, evaluation_id, state: 'used' }, 'IGNORE');
    }
  }

  return ({ ledger, secret }, isBeyond) => {
    if (secret === null) return;
    const { hold, uses, reply } = secret;
    if (hold !== null) write('holds', hold, isBeyond ? 'REPLACE' : 'IGNORE');
    if (reply !== null) {
      const { no: _no, ...answer } = reply;
      write('replies', answer, 'IGNORE');
    }
    const { kind, sale_id } = ledger;
    if (!isBeyond || kind === 'override') return;
    setUses(sale_id, uses);
    if (hold !== null && kind !== 'return') endHold(ledger, hold);
  };
}
