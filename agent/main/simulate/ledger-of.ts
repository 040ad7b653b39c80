import type { TillMachine } from './till-machine.ts';

/** A ledger's name: the till, which a copied machine shares, and the incarnation of its database. */
export function ledgerOf(till: TillMachine): string {
  return `${till.tillId}/${till.store().incarnation}`;
}
