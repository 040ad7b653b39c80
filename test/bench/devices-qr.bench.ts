import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { assert } from '../../agent/contract/index.ts';
import { READER_OPTIONS } from '../../ui/app/camera-codes/reader-options.ts';
import { type GreyPicture, placeQr, rgbaOf, wallPicture } from '../support/code-picture.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { compare } from './measure.ts';

const [WIDTH, HEIGHT] = [1_280, 720];
/** A member pass: 80 bytes in base45 behind its mark. */
const PASS = `TSP1:${'7'.repeat(120)}`;
const SAMPLES = 15;

/** The decoder of the worker, by the same wasm file, in Node. */
async function loadDecoder(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = new Uint8Array(readFileSync(file)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

/** One frame with the formats of the till against every format and the harder look, which the library takes unasked. */
async function decode(
  name: string,
  picture: GreyPicture,
  expected: string | undefined,
): Promise<BenchmarkResult> {
  await loadDecoder();
  const frame = rgbaOf(picture);
  const [code] = await readBarcodes(frame, READER_OPTIONS);
  assert(code?.text === expected, 'the frame shows what it should');
  return compare({
    name,
    baselineName: 'zxing-wasm with its own settings: all formats, tryHarder',
    samples: SAMPLES,
    timesPerSample: 1,
    async ours(times) {
      for (let nth = 0; nth < times; nth += 1) await readBarcodes(frame, READER_OPTIONS);
    },
    async baseline(times) {
      for (let nth = 0; nth < times; nth += 1) await readBarcodes(frame);
    },
  });
}

/** A member pass in the hand of somebody before a wall. */
function withPass(): GreyPicture {
  const picture = wallPicture(WIDTH, HEIGHT);
  placeQr(picture, {
    text: PASS,
    centreX: WIDTH / 2,
    centreY: HEIGHT / 2,
    modulePx: 6,
    rotatedDeg: 7,
  });
  return picture;
}

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'devices-qr-720p: a member pass in a frame',
    run: () => decode('devices-qr-720p: a member pass in a frame', withPass(), PASS),
  },
  {
    name: 'devices-qr-720p: a frame without a code',
    run: () =>
      decode('devices-qr-720p: a frame without a code', wallPicture(WIDTH, HEIGHT), undefined),
  },
];
