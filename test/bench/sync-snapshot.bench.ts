import type { Benchmark } from './benchmark.ts';
import {
  loadFloor,
  loadOurs,
  loadPouch,
  loadRxdb,
  prepare,
  type Source,
  startSource,
} from './sync-loads.ts';
import { comparePairs } from './sync-pairs.ts';

interface Load {
  readonly id: string;
  readonly members: number;
  readonly samples: number;
  readonly baselineName: string;
  readonly baseline: (source: Source) => Promise<number>;
}

const FLOOR = {
  baselineName: 'raw key-sorted floor: ready columns, index last, large WAL, AES-256',
  baseline: loadFloor,
};

/** Snapshot loads in rows per second: more is better, so a ratio above 1 means that ours is faster. */
const LOADS: readonly Load[] = [
  { id: 'sync-snapshot-100k-floor', members: 100_000, samples: 5, ...FLOOR },
  {
    id: 'sync-snapshot-100k-rxdb',
    members: 100_000,
    samples: 3,
    baselineName: 'RxDB 17, HTTP to memory',
    baseline: loadRxdb,
  },
  {
    id: 'sync-snapshot-100k-pouchdb',
    members: 100_000,
    samples: 3,
    baselineName: 'PouchDB 9, HTTP to leveldb',
    baseline: loadPouch,
  },
  { id: 'sync-snapshot-1m-floor', members: 1_000_000, samples: 3, ...FLOOR },
];

async function measure({ members, samples, baselineName, baseline }: Load) {
  const source = await startSource(members);
  try {
    await prepare(source);
    return await comparePairs({
      name: `sync: snapshot load of ${members.toLocaleString('en')} encrypted members`,
      unit: 'rows/s',
      baselineName,
      samples,
      ours: () => loadOurs(source),
      baseline: () => baseline(source),
    });
  } finally {
    await source.close();
  }
}

export const benchmarks: readonly Benchmark[] = LOADS.map((load) => ({
  name: load.id,
  run: () => measure(load),
}));
