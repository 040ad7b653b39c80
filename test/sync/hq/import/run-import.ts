import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { HqDatabaseConfig } from '../../../../sync/hq/database/open-hq-database.ts';
import type { ImportSummary } from '../../../../sync/hq/import/import-file.ts';
import { NOW_MS } from './import-support.ts';

const CHILD = fileURLToPath(new URL('../../../support/import-child.ts', import.meta.url));

export interface ImportRun {
  /** Rows that were in when the process ended. */
  readonly rows: number;
  /** Absent where it was killed. */
  readonly summary?: ImportSummary;
  readonly peakRssBytes?: number;
}

/**
 * Imports members in a process of its own.
 * @param killAfter rows after which the process is killed with -9, and how many milliseconds later
 * @param heapMb limit of its heap
 */
export async function runImport(
  database: HqDatabaseConfig,
  path: string,
  { killAfter, heapMb }: { killAfter?: { rows: number; delayMs: number }; heapMb?: number } = {},
): Promise<ImportRun> {
  const limits = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
  const args = [...limits, CHILD, JSON.stringify(database), path, String(NOW_MS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // Where the test fails meanwhile.
  onTestFinished(() => void child.kill('SIGKILL'));
  let rows = 0;
  let killing = false;
  let last: { done: { ok: true; value: ImportSummary }; peakRssBytes: number } | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('rows ')) rows = Number(line.slice(5));
    else last = JSON.parse(line);
    if (killAfter === undefined || killing || rows < killAfter.rows) continue;
    killing = true;
    setTimeout(() => child.kill('SIGKILL'), killAfter.delayMs);
  }
  const [code] = await ended;
  if (last?.done.ok) {
    return { rows, summary: last.done.value, peakRssBytes: last.peakRssBytes };
  }
  if (!killing || code === 0)
    throw new Error(`the import ended by itself: ${JSON.stringify(last)}`);
  return { rows };
}
