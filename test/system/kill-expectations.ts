import { expect } from 'vitest';
import type { KillReport } from './kill-sales.ts';

/** Every sale the POS saw committed is there once, no other, with its points; the chain is whole. */
export function expectNothingLostOrDoubled(report: KillReport): void {
  const replay = `replay with TILLSIDE_SEED=${report.seed}`;
  expect(report.chain.ok, `${report.chain.detail}; ${replay}`).toBe(true);
  expect(new Set(report.booked).size, `a sale is booked twice; ${replay}`).toBe(
    report.booked.length,
  );
  const seen = [...report.acknowledged.values()].map((reply) => reply.saleId).sort();
  expect([...report.booked].sort(), replay).toEqual(seen);
  expect(report.changedReplies, replay).toEqual([]);
  for (const { memberId, reckoned, held } of report.points)
    expect(held, `points of ${memberId}; ${replay}`).toBe(reckoned);
}
