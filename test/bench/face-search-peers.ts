import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { getLoadablePath } from 'sqlite-vec';
import { assert } from '../../agent/contract/index.ts';
import { createGallery } from '../../agent/domain/face/gallery.ts';
import { fastScan } from '../../agent/main/face/gallery-scan.ts';
import type { FaceVectors } from './face-vectors.ts';

/** People that each side answers: a shortlist. */
export const NEAREST = 10;
/** Two sums of 32-bit numbers may differ by so much, as a share; people so near to each other may change places. */
const ROUNDING = 1e-5;

export interface FoundRow {
  readonly row: number;
  readonly distance: number;
}

/** One way to find the nearest. */
export interface SearchSide {
  readonly name: string;
  search(probe: Float32Array): readonly FoundRow[];
  close(): void;
}

interface Usearch {
  exactSearch(
    dataset: Float32Array,
    query: Float32Array,
    dimensions: number,
    count: number,
    metric: string,
    threads: number,
  ): { readonly keys: BigUint64Array; readonly distances: Float32Array };
  readonly MetricKind: { readonly L2sq: string };
}

/** The gallery of the till, with the pass that its thread runs. */
export function ourSide({ flat, dimensions, people }: FaceVectors): SearchSide {
  const gallery = createGallery(dimensions, undefined, fastScan(dimensions));
  for (let row = 0; row < people; row++)
    gallery.add(String(row), flat.subarray(row * dimensions, (row + 1) * dimensions));
  return {
    name: 'ours',
    search: (probe) =>
      gallery
        .shortlist(probe, NEAREST)
        .map(({ person, distance }) => ({ row: Number(person), distance })),
    close: () => gallery.clear(),
  };
}

/** usearch without its index: every row, in one thread like ours. */
export function usearchSide({ flat, dimensions }: FaceVectors): SearchSide {
  const { exactSearch, MetricKind } = createRequire(import.meta.url)('usearch') as Usearch;
  return {
    name: 'usearch 2.26.2 exactSearch',
    search(probe) {
      const found = exactSearch(flat, probe, dimensions, NEAREST, MetricKind.L2sq, 1);
      return Array.from(found.keys, (key, at) => ({
        row: Number(key),
        distance: Math.sqrt(found.distances[at] ?? Number.NaN),
      }));
    },
    close: () => undefined,
  };
}

/** sqlite-vec in a database in memory. */
export function sqliteVecSide({ flat, dimensions, people }: FaceVectors): SearchSide {
  const db = new Database(':memory:');
  db.loadExtension(getLoadablePath());
  db.exec(`CREATE VIRTUAL TABLE face USING vec0(template float[${dimensions}])`);
  const bytesOf = (values: Float32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const insert = db.prepare('INSERT INTO face (rowid, template) VALUES (?, ?)');
  db.transaction(() => {
    for (let row = 0; row < people; row++)
      insert.run(BigInt(row), bytesOf(flat.subarray(row * dimensions, (row + 1) * dimensions)));
  })();
  const select = db.prepare<[Buffer, number], FoundRow>(
    'SELECT rowid AS row, distance FROM face WHERE template MATCH ? AND k = ? ORDER BY distance',
  );
  return {
    name: 'sqlite-vec 0.1.9',
    search: (probe) => select.all(bytesOf(probe), NEAREST),
    close: () => db.close(),
  };
}

/** Ends the benchmark where two sides do not answer alike. */
export function assertEqualAnswers(
  name: string,
  ours: readonly FoundRow[],
  theirs: readonly FoundRow[],
): void {
  assert(ours.length === theirs.length, `${name} answers as many people`);
  for (const [at, { row, distance }] of ours.entries()) {
    const other = theirs[at];
    const near = (a: number, b: number) => Math.abs(a - b) <= ROUNDING * a;
    assert(other !== undefined && near(distance, other.distance), `${name} answers the distance`);
    const isTie = theirs.some((one) => one.row === row && near(distance, one.distance));
    assert(other.row === row || isTie, `${name} answers the same person at place ${at}`);
  }
}
