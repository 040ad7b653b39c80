import type { MemberId, TemplateId } from '../../agent/contract/index.ts';
import { createFaceGallery } from '../../agent/main/face/gallery-client.ts';
import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import {
  assertEqualAnswers,
  NEAREST,
  ourSide,
  type SearchSide,
  sqliteVecSide,
  usearchSide,
} from './face-search-peers.ts';
import { type FaceVectors, faceVectors } from './face-vectors.ts';
import { against, type Candidate, interleave, type Rounds } from './interleave.ts';
import { median } from './measure.ts';

const ROUNDS = 15;
/** So many rows are searched in a round at least: small galleries are asked more often, until their code is warm. */
const SEARCHED_ROWS = 200_000;
const SIZES = [1_000, 10_000, 100_000] as const;
const LENGTHS = [128, 512] as const;
const PEERS = ['sqlite-vec 0.1.9', 'usearch 2.26.2 exactSearch'] as const;

/** A size that took longer than this has its rounds, if they are enough. */
const ENOUGH_MS = 60_000;

type Times = ReadonlyMap<string, Rounds>;

/** All sides of one size in turn, once for all the lines that it gives; vectors are dropped afterwards. */
const measured = new Map<string, Promise<Measured>>();

interface Measured {
  readonly times: Times;
  readonly note: string;
}

function measure(people: number, dimensions: number): Promise<Measured> {
  const key = `${people} ${dimensions}`;
  const times = measured.get(key) ?? timesOf(faceVectors(people, dimensions));
  measured.set(key, times);
  return times;
}

async function timesOf(vectors: FaceVectors): Promise<Measured> {
  const [ours, ...peers] = [ourSide(vectors), sqliteVecSide(vectors), usearchSide(vectors)];
  for (const peer of peers)
    for (const probe of vectors.probes)
      assertEqualAnswers(peer.name, ours.search(probe), peer.search(probe));
  const candidates = [ours, ...peers].map((side) => candidateOf(side.name, side, vectors));
  const times = await interleave(candidates, ROUNDS, ENOUGH_MS);
  for (const side of [ours, ...peers]) side.close();
  return { times, note: answersNote(vectors) };
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

/** Each probe is asked of both sides before they are measured; sides that differ end the benchmark. */
function answersNote({ probes }: Pick<FaceVectors, 'probes'>): string {
  return `equal answers to ${probes.length} probes: the same ${NEAREST} people in the same order, but for equal distances`;
}

function peerLine(people: number, dimensions: number, peer: string): Benchmark {
  const name = `face-search-${dimensions}d-${people}: against ${peer}`;
  return {
    name,
    async run() {
      const { times, note } = await measure(people, dimensions);
      return { ...against(times, name, 'ours', peer), notes: [note] };
    },
  };
}

/** How a side grows from one size to the other, both measured with the peers. */
async function growthOf(
  side: string,
  dimensions: number,
  [few, many]: readonly [number, number],
): Promise<string> {
  const [smaller, larger] = [await measure(few, dimensions), await measure(many, dimensions)];
  const at = ({ times }: Measured): number => median((times.get(side) ?? []).flat());
  return `${side} ${(at(larger) / at(smaller)).toFixed(1)}`;
}

/** How a search grows: ten times the people should take ten times the time, until they no longer fit the cache. */
function growthLine(dimensions: number, sizes: readonly [number, number]): Benchmark {
  const [few, many] = sizes;
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
        ENOUGH_MS,
      );
      for (const { side } of sides) side.close();
      const result = against(times, name, larger, smaller);
      const peers: string[] = [];
      for (const peer of PEERS) peers.push(await growthOf(peer, dimensions, sizes));
      const megabytes = [few, many].map((people) => ((people * dimensions * 4) / 1e6).toFixed(1));
      return {
        ...result,
        notes: [
          `${many / few} times the people take ${result.ratio.toFixed(1)} times as long (${many / few} = in step with them); ` +
            `templates grow from ${megabytes.join(' to ')} MB, and beyond the processor's cache all slow down: ${peers.join(', ')} times`,
        ],
      };
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
