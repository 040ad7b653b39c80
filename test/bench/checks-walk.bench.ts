import { performance } from 'node:perf_hooks';
import { assert } from '../../agent/contract/index.ts';
import { startTestHq, type TestHq } from '../support/hq.ts';
import { breakRows } from '../sync/client/checks/break-rows.ts';
import {
  loadMembers,
  registerDriftTill,
  startDriftTill,
  takeFirstCopy,
} from '../sync/client/checks/drift-rig.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { comparePairs } from './sync-pairs.ts';

const MEMBERS = 100_000;
const SAMPLES = 5;

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** What making sure costs without digests: everything is fetched again. Till and headquarters share this process. */
async function copyMs(hq: TestHq, tillId: string): Promise<number> {
  const till = await registerDriftTill(hq, tillId);
  try {
    return await timeMs(() => takeFirstCopy(till));
  } finally {
    till.close();
  }
}

/** A check that a person asks for, over HTTP, of rows of which `differences` differ; what was found is repaired in it. */
async function walk(differences: number): Promise<BenchmarkResult> {
  const hq = await startTestHq();
  let tills = 1;
  try {
    await loadMembers(hq, 0, MEMBERS);
    const rig = await startDriftTill(hq, 'till-1');
    try {
      return await comparePairs({
        name: `checks: ${MEMBERS.toLocaleString('en')} members compared with headquarters, ${differences} differ`,
        unit: 'ms',
        baselineName: 'a whole copy of the same members',
        samples: SAMPLES,
        async ours() {
          const { size } = await breakRows(rig, differences, MEMBERS);
          return timeMs(async () => {
            const [checked] = await rig.verify(false);
            assert(checked?.repaired === size, 'what differs is found and put right');
          });
        },
        baseline: () => copyMs(hq, `till-${++tills}`),
      });
    } finally {
      await rig.stop();
    }
  } finally {
    await hq.close();
  }
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'checks-clean', run: () => walk(0) },
  { name: 'checks-walk-100', run: () => walk(100) },
  { name: 'checks-walk-1000', run: () => walk(1_000) },
];
