import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Log, Repair } from '../app/deps.ts';
import { instantSchema } from '../contract/index.ts';
import { LAST_SALVAGE } from '../store/salvage/settle-database.ts';
import type { Store } from '../store/store.ts';

/** What is read of a `SalvageReport`. */
const reportSchema = z.object({
  at: instantSchema,
  ledger: z.object({ lost: z.array(z.object({ fromSeq: z.int(), toSeq: z.int() })) }).nullable(),
});

/** The last time that this till's database was brought back, from the report beside it; nothing where it never was. */
export function lastRepair(store: Pick<Store, 'file' | 'meta'>, log: Log): Repair | undefined {
  const file = store.meta.get(LAST_SALVAGE);
  if (file === undefined) return undefined;
  try {
    const report = reportSchema.parse(
      JSON.parse(readFileSync(join(dirname(store.file), file), 'utf8')),
    );
    const lost = report.ledger?.lost ?? [];
    return {
      atMs: Date.parse(report.at),
      lostEntries: lost.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0),
    };
  } catch (error) {
    // Somebody moved the report away. The till sells all the same, and doctor still names what was lost.
    log('warn', 'the report of the last salvage cannot be read', { file, error: String(error) });
    return undefined;
  }
}
