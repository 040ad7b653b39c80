import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../../database/database.ts';

/** Names entries in the audit. */
export async function auditLedger(
  tx: HqSession,
  row: {
    readonly tillId: string;
    readonly atMs: number;
    readonly action: string;
    readonly detail: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await tx.query(
    'INSERT INTO audit (till_id, at_ms, staff_id, action, detail) VALUES ($1, $2, NULL, $3, $4)',
    [row.tillId, row.atMs, row.action, canonicalJson(row.detail)],
  );
}

/** Numbers as a person reads them: `3-7, 9`. */
export function rangesOf(seqs: readonly number[]): string {
  const sorted = [...seqs].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const seq of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && seq <= last[1] + 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(', ');
}
