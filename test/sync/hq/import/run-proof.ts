import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { HqDatabaseConfig } from '../../../../sync/hq/database/open-hq-database.ts';
import type { ProofSummary } from '../../../../sync/hq/import/proof/verify-source.ts';
import { NOW_MS } from './import-support.ts';

const CHILD = fileURLToPath(new URL('../../../support/proof-child.ts', import.meta.url));

export interface ProofRun {
  /** Absent where it was killed. */
  readonly summary?: ProofSummary;
  readonly findings?: number;
  readonly peakRssBytes?: number;
  readonly cpuMs?: number;
  /** What it said on its way. */
  readonly said: readonly string[];
}

/** Proves members in a process of its own. @param killAt what it has said when it is killed with -9 */
export async function runProof(
  database: HqDatabaseConfig,
  path: string,
  { killAt, heapMb }: { killAt?: RegExp; heapMb?: number } = {},
): Promise<ProofRun> {
  const limits = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
  const args = [...limits, CHILD, JSON.stringify(database), path, String(NOW_MS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // Where the test fails meanwhile.
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  let last: Omit<ProofRun, 'said'> = {};
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) last = JSON.parse(line);
    else said.push(line);
    if (killAt?.test(line)) child.kill('SIGKILL');
  }
  await ended;
  return { ...last, said };
}
