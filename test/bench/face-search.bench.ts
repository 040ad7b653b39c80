import type { MemberId, TemplateId } from '../../agent/contract/index.ts';
import { createFaceGallery } from '../../agent/main/face/gallery-client.ts';
import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import {
  assertEqualAnswers,
  ourSide,
  type SearchSide,
  sqliteVecSide,
  usearchSide,
} from './face-search-peers.ts';
import { type FaceVectors, faceVectors } from './face-vectors.ts';
import { against, type Candidate, interleave, type Rounds } from './interleave.ts';

const ROUNDS = 15;
/** So many rows are searched in a round at least: small galleries are asked more often, until their code is warm. */
const SEARCHED_ROWS = 200_000;
const SIZES = [1_000, 10_000, 100_000] as const;
const LENGTHS = [128, 512] as const;
const PEERS = ['sqlite-vec 0.1.9', 'usearch 2.26.2 exactSearch'] as const;

type Times = ReadonlyMap<string, Rounds>;

/** All sides of one size in turn, once for all the lines that it gives; vectors are dropped afterwards. */
const measured = new Map<string, Promise<Times>>();

function measure(people: number, dimensions: number): Promise<Times> {
  const key = `${people} ${dimensions}`;
  const times = measured.get(key) ?? timesOf(faceVectors(people, dimensions));
  measured.set(key, times);
  return times;
}

async function timesOf(vectors: FaceVectors): Promise<Times> {
  const [ours, ...peers] = [ourSide(vectors), sqliteVecSide(vectors), usearchSide(vectors)];
  for (const peer of peers)
    for (const probe of vectors.probes)
      assertEqualAnswers(peer.name, ours.search(probe), peer.search(probe));
  const candidates = [ours, ...peers].map((side) => candidateOf(side.name, side, vectors));
  const times = await interleave(candidates, ROUNDS);
  for (const side of [ours, ...peers]) side.close();
  return times;
}

function candidateOf(
  name: string,
  { search }: SearchSide,
  { probes, people }: FaceVectors,
): Candidate {
  let nth = 0;
  return {
    name,
    run: () => search(probes[nth++ % probes.length] as Float32Array),
    perRound: Math.max(probes.length, SEARCHED_ROWS / people),
  };
}

function peerLine(people: number, dimensions: number, peer: string): Benchmark {
  const name = `face-search-${dimensions}d-${people}: against ${peer}`;
  return {
    name,
    run: async () => against(await measure(people, dimensions), name, 'ours', peer),
  };
}

/** How a search grows: ten times the people should take ten times the time, until they no longer fit the cache. */
function growthLine(dimensions: number, [few, many]: readonly [number, number]): Benchmark {
  const name = `face-search-${dimensions}d-growth: ${many} people`;
  return {
    name,
    async run() {
      // Both in the same rounds, so that a busy moment of the machine is no growth.
      const [larger, smaller] = [`ours with ${many}`, `ours with ${few}`];
      const sides = [many, few].map((people) => {
        const vectors = faceVectors(people, dimensions);
        const side = ourSide(vectors);
        return { side, candidate: candidateOf(`ours with ${people}`, side, vectors) };
      });
      const times = await interleave(
        sides.map(({ candidate }) => candidate),
        ROUNDS,
      );
      for (const { side } of sides) side.close();
      return against(times, name, larger, smaller);
    },
  };
}

const THREAD = 'face-search-thread-128d-10000: asked from the till';

/** What the way to the thread and back costs a search. */
async function throughThread(): Promise<BenchmarkResult> {
  const vectors = faceVectors(10_000, 128);
  const { id: modelId, version: modelVersion } = DEFAULT_MODEL;
  function* templates() {
    for (let row = 0; row < vectors.people; row++)
      yield {
        templateId: row.toString(16).padStart(32, '0') as TemplateId,
        memberId: String(row) as MemberId,
        model: { modelId, modelVersion },
        descriptor: vectors.flat.slice(row * 128, (row + 1) * 128),
      };
  }
  const gallery = createFaceGallery({
    manifest: DEFAULT_MODEL,
    templates,
    timers: { set: () => undefined, clear: () => undefined },
    log: () => undefined,
  });
  const direct = ourSide(vectors);
  let nth = 0;
  const probe = () => vectors.probes[nth++ % vectors.probes.length] as Float32Array;
  const [ours, baseline] = ['through the thread', 'the same search without a thread'];
  const times = await interleave(
    [
      { name: ours, run: () => gallery.nearest(probe(), 10), perRound: 10 },
      { name: baseline, run: () => direct.search(probe()), perRound: 10 },
    ],
    ROUNDS,
  );
  await gallery.close();
  return against(times, THREAD, ours, baseline);
}

export const benchmarks: readonly Benchmark[] = [
  ...LENGTHS.flatMap((dimensions) => [
    ...SIZES.flatMap((people) => PEERS.map((peer) => peerLine(people, dimensions, peer))),
    growthLine(dimensions, [1_000, 10_000]),
    growthLine(dimensions, [10_000, 100_000]),
  ]),
  { name: THREAD, run: throughThread },
];
