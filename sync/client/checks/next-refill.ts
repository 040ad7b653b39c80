import { REFILL_MAX_BYTES, type RefillEntry } from '../../protocol/ledger-proof.ts';

/** Room that is left in a refill for its own words, in bytes. */
const REFILL_MARGIN_BYTES = 4_096;

/** What one refill sends of the entries that are wanted. */
export interface NextRefill {
  readonly entries: RefillEntry[];
  /** How many of the wanted ones are dealt with. */
  readonly used: number;
  /** Those of them whose rows are gone: they cannot be sent again. */
  readonly gone: readonly number[];
}

/**
 * As many entries as one refill holds; at least one where any can be read.
 * @param wanted their numbers @param read those of them that can be read, in the same order
 */
export function nextRefill(wanted: readonly number[], read: readonly RefillEntry[]): NextRefill {
  let bytes = 0;
  const cut = read.findIndex((entry, n) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return n > 0 && bytes > REFILL_MAX_BYTES - REFILL_MARGIN_BYTES;
  });
  const over = read[cut];
  const entries = cut < 0 ? [...read] : read.slice(0, cut);
  const used = over === undefined ? wanted.length : wanted.indexOf(seqOf(over));
  const there = new Set(entries.map(seqOf));
  return { entries, used, gone: wanted.slice(0, used).filter((seq) => !there.has(seq)) };
}

function seqOf({ header }: RefillEntry): number {
  return (JSON.parse(header) as { seq: number }).seq;
}
