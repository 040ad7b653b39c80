import { describe, expect, test } from 'vitest';
import { fivePoints, inverseOf, similarityOf } from '../../../drivers/face/align.ts';
import { boxesOf } from '../../../drivers/face/corner-boxes.ts';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { descriptorFault, meanDescriptor } from '../../../drivers/face/descriptor.ts';
import { checkModelFiles, readManifest } from '../../../drivers/face/model-manifest.ts';
import { dominantFace, poseOf, qualityFaults, qualityOf } from '../../../drivers/face/quality.ts';

const { id, version } = DEFAULT_MODEL;

test('NaN, zero, wrong-length and other-model descriptors are told apart and refused', () => {
  const good = new Float32Array(128).fill(0.1);
  const fault = (values: Float32Array, modelId = id, modelVersion = version) =>
    descriptorFault(DEFAULT_MODEL, { modelId, modelVersion, values });
  expect(fault(good)).toBeNull();
  expect(fault(good.with(3, Number.NaN))).toBe('not-a-number');
  expect(fault(new Float32Array(128))).toBe('zero');
  expect(fault(new Float32Array(127).fill(0.1))).toBe('wrong-length');
  expect(fault(good, 'another')).toBe('other-model');
  expect(fault(good, id, '0.0.1')).toBe('other-model');
  const unit = { ...DEFAULT_MODEL, normalisation: 'unit' as const };
  expect(descriptorFault(unit, { modelId: id, modelVersion: version, values: good })).toBe(
    'not-unit',
  );
});

test('a mean of unit descriptors is a unit descriptor again', () => {
  const mean = meanDescriptor({ dimensions: 2, normalisation: 'unit' }, [
    Float32Array.of(1, 0),
    Float32Array.of(0, 1),
  ]);
  expect(Math.hypot(...mean)).toBeCloseTo(1);
});

describe('a manifest', () => {
  test('that misses, misspells or adds a field is refused by its name', () => {
    const detail = (source: unknown) => {
      const read = readManifest(source);
      return read.ok ? 'ok' : read.error.detail;
    };
    expect(detail(DEFAULT_MODEL)).toBe('ok');
    expect(detail({ ...DEFAULT_MODEL, dimensions: 0 })).toContain('dimensions');
    expect(detail({ ...DEFAULT_MODEL, licence: undefined })).toContain('licence');
    expect(detail({ ...DEFAULT_MODEL, extra: 1 })).toContain('extra');
    expect(detail({ ...DEFAULT_MODEL, files: [{ name: '../x', bytes: 1, sha256: '' }] })).toContain(
      'files.0.name',
    );
  });

  test('A model file missing or altered is refused and named', async () => {
    const manifest = {
      ...DEFAULT_MODEL,
      files: [{ name: 'a.bin', bytes: 2, sha256: 'a'.repeat(64) }],
    };
    const check = async (bytes: Uint8Array | null, hash: string) => {
      const files = new Map(bytes === null ? [] : [['a.bin', bytes]]);
      const checked = await checkModelFiles(manifest, files, () => hash);
      return checked.ok ? 'ok' : `${checked.error.code} ${checked.error.detail}`;
    };
    expect(await check(new Uint8Array(2), 'a'.repeat(64))).toBe('ok');
    expect(await check(null, '')).toBe('file-missing a.bin');
    expect(await check(new Uint8Array(3), 'a'.repeat(64))).toContain('file-altered a.bin');
    expect(await check(new Uint8Array(2), 'b'.repeat(64))).toContain('file-altered a.bin');
  });
});

test('the aligner finds rotation, scale and shift again, and its way back', () => {
  const from = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 3, y: 7 },
  ];
  const to = from.map(({ x, y }) => ({ x: -2 * y + 5, y: 2 * x - 1 }));
  const found = similarityOf(from, to);
  expect(found?.a).toBeCloseTo(0);
  expect(found?.b).toBeCloseTo(2);
  if (found === null) throw new Error('no similarity');
  const [x, y] = inverseOf(found)(-9, 5);
  expect([x, y].map((one) => Math.round(one))).toEqual([3, 7]);
  expect(similarityOf(Array(3).fill({ x: 1, y: 1 }), to)).toBeNull();
});

test('overlapping boxes leave the strongest, and a weak one is dropped', () => {
  const found = boxesOf(
    {
      scores: Float32Array.of(0, 0.9, 0, 0.8, 0, 0.3, 0, 0.7),
      boxes: Float32Array.of(
        ...[0.1, 0.1, 0.5, 0.5],
        ...[0.11, 0.1, 0.51, 0.5],
        ...[0.6, 0.6, 0.9, 0.9],
        ...[0.7, 0.7, 0.8, 0.8],
      ),
    },
    { width: 200, height: 200 },
    { scoreMin: 0.65, overlapMax: 0.4 },
  );
  expect(found.map(({ score }) => Number(score.toFixed(1)))).toEqual([0.9, 0.7]);
});

describe('quality gates', () => {
  const face = (side: number) => ({
    box: { x: 0, y: 0, width: side, height: side },
    score: 0.9,
    landmarks: head(0),
  });
  const quality = {
    widthPx: 120,
    score: 0.9,
    pose: { yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0 },
    grey: 120,
    sharpness: 100,
  };

  test('two faces, no face, a grey frame: each is refused by its own code', () => {
    expect(dominantFace([])).toEqual({ ok: false, fault: 'no-face' });
    expect(dominantFace([face(100), face(90)])).toEqual({ ok: false, fault: 'several-faces' });
    expect(dominantFace([face(100), face(40)]).ok).toBe(true);
    const grey = { data: new Uint8Array(4 * 150 * 150).fill(128), width: 150, height: 150 };
    expect(qualityFaults(qualityOf(grey, face(150)))).toContain('blurred');
  });

  test('a good capture passes, and each gate refuses what lies beyond it', () => {
    expect(qualityFaults(quality)).toEqual([]);
    expect(qualityFaults({ ...quality, widthPx: 99 })).toEqual(['too-small']);
    expect(qualityFaults({ ...quality, score: 0.5 })).toEqual([]);
    expect(qualityFaults({ ...quality, score: 0.49 })).toEqual(['uncertain']);
    expect(qualityFaults({ ...quality, score: Number.NaN })).toEqual(['uncertain']);
    expect(qualityFaults({ ...quality, grey: 49 })).toEqual(['too-dark']);
    expect(qualityFaults({ ...quality, grey: 206 })).toEqual(['too-bright']);
    expect(qualityFaults({ ...quality, sharpness: Number.NaN })).toEqual(['blurred']);
    const pose = { ...quality.pose, yawDegrees: -26 };
    expect(qualityFaults({ ...quality, pose })).toEqual(['turned']);
  });

  test('the pose of a level head is level, and one whose nose lies aside is turned', () => {
    const level = poseOf(head(0));
    expect(Math.abs(level.yawDegrees)).toBeLessThan(3);
    expect(Math.abs(level.rollDegrees)).toBeLessThan(3);
    expect(poseOf(head(20)).yawDegrees).toBeGreaterThan(25);
  });
});

/** Landmarks of a synthetic head with eyes, nose tip (moved aside by `aside`) and mouth corners. */
function head(aside: number) {
  const points = Array.from({ length: 68 }, () => ({ x: 56, y: 60 }));
  const put = (at: readonly number[], x: number, y: number) => {
    for (const one of at) points[one] = { x, y };
  };
  put([37, 38, 40, 41], 38, 52);
  put([43, 44, 46, 47], 74, 52);
  put([30], 56 + aside, 74);
  put([48, 60], 42, 92);
  put([54, 64], 70, 92);
  expect(fivePoints(points)[2]).toEqual({ x: 56 + aside, y: 74 });
  return points;
}
