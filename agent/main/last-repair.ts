import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Log, Repair } from '../app/deps.ts';
import { REPAIR_TOLD_MS } from '../app/status.ts';
import { instantSchema } from '../contract/index.ts';
import { LAST_SALVAGE } from '../store/salvage/settle-database.ts';
import type { SeqRange } from '../store/salvage/settle-salvaged.ts';
import type { Store } from '../store/store.ts';

/** What is read of a `SalvageReport`. */
const reportSchema = z.object({
  at: instantSchema,
  ledger: z
    .object({
      lost: z.array(z.object({ fromSeq: z.int(), toSeq: z.int() })),
      receivedSeq: z.int(),
    })
    .nullable(),
});

interface Salvage {
  readonly atMs: number;
  /** Entries that were lost and that headquarters had not confirmed. */
  readonly lost: readonly SeqRange[];
}

/**
 * The last time that this till's database was brought back or was found to lack what was committed, with all that was lost
 * within {@link REPAIR_TOLD_MS} before; nothing where it never was.
 */
export function lastRepair(
  store: Pick<Store, 'file' | 'meta' | 'ledgerFacts'>,
  log: Log,
): Repair | undefined {
  const salvages = readSalvages(store, log);
  const { missing } = store.ledgerFacts();
  const times = [...salvages, ...missing].map(({ atMs }) => atMs);
  if (times.length === 0) return undefined;
  const atMs = Math.max(...times);
  const isTold = (one: { readonly atMs: number }): boolean => atMs - one.atMs < REPAIR_TOLD_MS;
  // A later salvage finds a gap of an earlier one again. What went missing with a log lay behind the last entry each time.
  const lost = countOnce(salvages.filter(isTold).flatMap((one) => one.lost));
  const gone = missing
    .filter(isTold)
    .reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);
  return { atMs, lostEntries: lost + gone };
}

/** From the reports beside the database, up to the last one that it knows. */
function readSalvages(store: Pick<Store, 'file' | 'meta'>, log: Log): Salvage[] {
  const last = store.meta.get(LAST_SALVAGE);
  if (last === undefined) return [];
  const folder = dirname(store.file);
  const files = readdirSync(folder).filter((name) => /^salvage-.*\.json$/.test(name));
  return [...new Set([...files, last])]
    .filter((file) => file <= last)
    .flatMap((file) => {
      try {
        return [toSalvage(JSON.parse(readFileSync(join(folder, file), 'utf8')))];
      } catch (error) {
        // Somebody moved the report away. The till sells all the same, and doctor still names what was lost.
        log('warn', 'the report of a salvage cannot be read', { file, error: String(error) });
        return [];
      }
    });
}

function toSalvage(content: unknown): Salvage {
  const { at, ledger } = reportSchema.parse(content);
  const receivedSeq = ledger?.receivedSeq ?? 0;
  const lost = (ledger?.lost ?? [])
    .map(({ fromSeq, toSeq }) => ({ fromSeq: Math.max(fromSeq, receivedSeq + 1), toSeq }))
    .filter(({ fromSeq, toSeq }) => fromSeq <= toSeq);
  return { atMs: Date.parse(at), lost };
}

/** How many numbers lie in ranges that may lie over each other. */
function countOnce(ranges: readonly SeqRange[]): number {
  let [count, upTo] = [0, 0];
  for (const { fromSeq, toSeq } of ranges.toSorted((one, other) => one.fromSeq - other.fromSeq)) {
    count += Math.max(0, toSeq - Math.max(fromSeq - 1, upTo));
    upTo = Math.max(upTo, toSeq);
  }
  return count;
}
