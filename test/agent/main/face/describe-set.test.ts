import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  describeSet,
  mainFace,
  PICTURE_MAX_BYTES,
} from '../../../../agent/main/face/describe-set.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import type { FaceEmbedder, FoundFace } from '../../../../drivers/face/embedder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-describe-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const picture = jpeg.encode(
  { data: Buffer.alloc(4 * 16 * 16, 128), width: 16, height: 16 },
  90,
).data;
const face = (x: number, y: number, side: number): FoundFace => ({
  box: { x, y, width: side, height: side },
  score: 0.9,
  landmarks: [],
});
const embedder = (describe: () => Float32Array, faces = [face(4, 4, 8)]): FaceEmbedder => ({
  manifest: DEFAULT_MODEL,
  find: () => Promise.resolve(faces),
  describe: () => Promise.resolve(describe()),
  close: () => Promise.resolve(),
});
const image = (file: string) => ({ file, person: 'p', role: 'enrol' as const });
const good = () => new Float32Array(128).fill(0.1);

async function outcome(file: string, using: FaceEmbedder): Promise<string> {
  const { described, failures } = await describeSet({ folder, images: [image(file)] }, using);
  expect(described.length + failures.length).toBe(1);
  return failures[0]?.reason ?? 'described';
}

test.each([
  ['NaN', () => good().with(7, Number.NaN)],
  ['zero', () => new Float32Array(128)],
  ['wrong-length', () => new Float32Array(127).fill(0.1)],
])(
  'a descriptor that is %s is no description, and the picture is left out',
  async (_what, give) => {
    writeFileSync(join(folder, 'a.jpg'), picture);
    expect(await outcome('a.jpg', embedder(give))).toBe('no-descriptor');
    expect(await outcome('a.jpg', embedder(good))).toBe('described');
  },
);

test('missing, empty, damaged and too large files, folders and frames without a face are told apart', async () => {
  writeFileSync(join(folder, 'empty.jpg'), '');
  writeFileSync(join(folder, 'damaged.jpg'), picture.subarray(0, 90));
  writeFileSync(join(folder, 'large.jpg'), picture);
  truncateSync(join(folder, 'large.jpg'), PICTURE_MAX_BYTES);
  mkdirSync(join(folder, 'folder.jpg'));
  const any = embedder(good);
  expect(await outcome('none.jpg', any)).toBe('missing');
  expect(await outcome('empty.jpg', any)).toBe('undecodable');
  expect(await outcome('damaged.jpg', any)).toBe('undecodable');
  expect(await outcome('folder.jpg', any)).toBe('undecodable');
  expect(await outcome('large.jpg', any)).toBe('described');
  truncateSync(join(folder, 'large.jpg'), PICTURE_MAX_BYTES + 1);
  expect(await outcome('large.jpg', any)).toBe('undecodable');
  writeFileSync(join(folder, 'a.jpg'), picture);
  expect(await outcome('a.jpg', embedder(good, []))).toBe('no-face');
});

test('progress counts each picture, described or not', async () => {
  writeFileSync(join(folder, 'a.jpg'), picture);
  const steps: number[] = [];
  await describeSet({ folder, images: [image('a.jpg'), image('b.jpg')] }, embedder(good), (done) =>
    steps.push(done),
  );
  expect(steps).toEqual([1, 2]);
});

describe('the main face of a photograph', () => {
  const size = { width: 100, height: 100 };
  test('is the one in the middle, unless another is far larger', () => {
    const [middle, aside, giant] = [face(40, 40, 20), face(0, 0, 25), face(0, 0, 80)];
    expect(mainFace(size, [aside, middle])).toBe(middle);
    expect(mainFace(size, [giant, middle])).toBe(giant);
    expect(mainFace(size, [])).toBeNull();
  });
});
