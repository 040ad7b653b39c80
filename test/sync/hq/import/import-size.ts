import { join } from 'node:path';
import { expect } from 'vitest';
import type { HqDatabases } from '../../../support/hq-database.ts';
import { writeMemberFile } from '../../../support/member-file.ts';
import { testFolder, withStores } from './import-support.ts';
import { runImport } from './run-import.ts';

const MB = 1024 * 1024;
/** The heap of the importing process; a file of any size must go through it. */
const HEAP_MB = 96;

/**
 * Imports a file of `sizeMb` and one that is `times` smaller in processes with a small heap; the large one must not need more memory than
 * `growthMaxMb` beyond the small one.
 */
export async function expectBoundedMemory(
  hq: HqDatabases,
  {
    sizeMb,
    rows,
    times,
    growthMaxMb,
  }: { sizeMb: number; rows: number; times: number; growthMaxMb: number },
): Promise<void> {
  const peaks: number[] = [];
  const rowBytes = Math.ceil((sizeMb * MB) / rows);
  for (const count of [Math.ceil(rows / times), rows]) {
    const path = join(testFolder(), 'large.csv');
    const file = writeMemberFile(path, count, { note: '备'.repeat(Math.floor(rowBytes / 3)) });
    const db = await hq.fresh();
    await withStores(db);
    const run = await runImport({ kind: 'server', url: hq.urlOf(db) }, path, { heapMb: HEAP_MB });
    expect(run.summary).toMatchObject({ rowsRead: count, rowsRefused: file.refused.length });
    expect(file.sizeBytes).toBeGreaterThan((count / rows) * sizeMb * MB * 0.9);
    peaks.push(run.peakRssBytes ?? Number.NaN);
  }
  const [small = Number.NaN, large = Number.NaN] = peaks;
  const growthMb = (large - small) / MB;
  process.stdout.write(
    `${sizeMb} MB: ${Math.round(large / MB)} MB at most, ${growthMb.toFixed(1)} MB beyond a small file\n`,
  );
  expect(growthMb).toBeLessThan(growthMaxMb);
}
