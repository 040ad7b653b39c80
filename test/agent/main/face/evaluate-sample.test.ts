import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeSet } from '../../../../agent/main/face/describe-set.ts';
import { evaluateSet, type FaceEvaluation } from '../../../../agent/main/face/evaluate-set.ts';
import { openModel } from '../../../../agent/main/face/open-model.ts';
import { readFaceSet } from '../../../../agent/main/face/read-face-set.ts';
import { makePack } from '../../../support/face-pack/model-folders.ts';
import { sampleSet } from '../../../support/face-pack/sample-set.ts';
import { must } from '../../../support/must.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

/** About 180 photographs; the whole folder is measured by `face-eval.long.test.ts`. */
const SIZE = { four: 30, several: 15, strangers: 25 };
const SEED = 7;
const LIMIT_MS = 180_000;

let pack: string;
beforeAll(() => {
  pack = makePack();
});
afterAll(() => rmSync(pack, { recursive: true }));

async function evaluateSample(model?: string): Promise<FaceEvaluation> {
  const sample = sampleSet(must(readFaceSet(sharedPath('data/faces'))), SIZE, SEED);
  const embedder = must(await openModel(model));
  const { described, failures } = await describeSet(sample, embedder);
  await embedder.close();
  return evaluateSet(sample, described, failures, embedder.manifest);
}

const tmrAt = (fmr: number, { points }: Pick<FaceEvaluation, 'points'>) =>
  points.find((point) => point.fmr === fmr)?.tmr ?? 0;

// The bounds hold for each of 60 seeds: 180 photographs show a pipeline that is wrong, and not a tenth of a per cent.
describeWithShared('data/faces')(`a sample of photographs, seed ${SEED}`, () => {
  test(
    'is told apart by the shipped model',
    async () => {
      const report = await evaluateSample();
      expect(report.items).toBeGreaterThan(150);
      expect(report.failures / report.items).toBeLessThanOrEqual(0.06);
      expect(report.eer).toBeLessThanOrEqual(0.03);
      expect(tmrAt(0.01, report)).toBeGreaterThanOrEqual(0.93);
      expect(tmrAt(0.001, report)).toBeGreaterThanOrEqual(0.75);
      expect(tmrAt(0.001, report.meanOfThree)).toBeGreaterThanOrEqual(0.88);
      expect(report.identification?.wrong).toBeLessThanOrEqual(1);
      expect(report.identification?.fpir).toBeLessThanOrEqual(0.08);
      expect(report.identification?.tpir).toBeGreaterThanOrEqual(0.6);
    },
    LIMIT_MS,
  );

  test(
    'is told apart better by a pack on ONNX',
    async () => {
      const report = await evaluateSample(pack);
      expect(report.failures / report.items).toBeLessThanOrEqual(0.01);
      expect(report.eer).toBeLessThanOrEqual(0.02);
      expect(tmrAt(0.01, report)).toBeGreaterThanOrEqual(0.96);
      expect(tmrAt(0.001, report)).toBeGreaterThanOrEqual(0.94);
      expect(tmrAt(0.001, report.meanOfThree)).toBeGreaterThanOrEqual(0.97);
      expect(report.identification?.wrong).toBeLessThanOrEqual(1);
      expect(report.identification?.fpir).toBeLessThanOrEqual(0.08);
      expect(report.identification?.tpir).toBeGreaterThanOrEqual(0.78);
    },
    LIMIT_MS,
  );
});
