import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HqDatabases } from '../../../support/hq-database.ts';
import { testFolder, withStores } from './import-support.ts';
import { csvOf, lineOf, trueRow } from './proof-support.ts';
import { runImport } from './run-import.ts';
import { runProof } from './run-proof.ts';

const MB = 1024 * 1024;
/** The heap of the proving process, whatever the source's size. */
const HEAP_MB = 128;

/**
 * Imports a copy that lacks 27 of each 100 rows, proves it against the whole source, and then the whole source against
 * itself; prints time, memory and what the notes of the import take.
 */
export async function expectProofOf(hq: HqDatabases, rows: number): Promise<void> {
  const folder = testFolder();
  const [source, copy] = [join(folder, 'source.csv'), join(folder, 'copy.csv')];
  const [whole, less] = [openSync(source, 'w'), openSync(copy, 'w')];
  for (const file of [whole, less]) writeSync(file, csvOf([]));
  for (let index = 1; index <= rows; index += 10_000) {
    const some = Array.from({ length: Math.min(10_000, rows - index + 1) }, (_, n) => index + n);
    const text = (indexes: readonly number[]) =>
      indexes.map((n) => `${lineOf(trueRow(n))}\r\n`).join('');
    writeSync(whole, text(some));
    writeSync(less, text(some.filter((n) => n % 100 >= 27)));
  }
  closeSync(whole);
  closeSync(less);
  const db = await hq.fresh();
  await withStores(db);
  const config = { kind: 'server', url: hq.urlOf(db) } as const;
  const say = (text: string): boolean => process.stdout.write(`${rows} rows: ${text}\n`);
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const beganMs = Date.now();
    const value = await work();
    say(`${what} in ${((Date.now() - beganMs) / 1_000).toFixed(1)} s`);
    return value;
  };
  const kept = Math.floor(rows / 100) * 73;
  await timed(`import of ${kept}`, () => runImport(config, copy));
  const failed = await timed('proof with 27 % missing', () =>
    runProof(config, source, { heapMb: HEAP_MB }),
  );
  expect(failed.summary).toMatchObject({
    verdict: 'fail',
    keys: rows,
    counts: { missing: rows - kept, extra: 0, changed: 0, unreadable: 0, duplicate: 0 },
  });
  expect(failed.findings).toBe(rows - kept);
  await timed('import of the whole', () => runImport(config, source));
  const passed = await timed('proof of the whole', () =>
    runProof(config, source, { heapMb: HEAP_MB }),
  );
  expect(passed.summary).toMatchObject({ verdict: 'pass', keys: rows, bucketsDiffering: 0 });
  for (const { cpuMs = 0, peakRssBytes = 0, said } of [failed, passed]) {
    expect(said.length).toBeGreaterThan(rows / 2_000);
    say(
      `${(cpuMs / 1_000).toFixed(1)} s of CPU in the program, ${Math.round(peakRssBytes / MB)} MB at most`,
    );
  }
  const [{ bytes = 0 } = {}] = await db.query<{ bytes: number }>(
    "SELECT pg_total_relation_size('imported_rows') AS bytes",
  );
  say(`${(bytes / rows).toFixed(1)} bytes a row for where it came from`);
  expect(bytes / rows).toBeLessThan(160);
}
