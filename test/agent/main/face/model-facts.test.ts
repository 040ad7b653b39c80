import { expect, test } from 'vitest';
import { modelFacts } from '../../../../agent/main/face/model-facts.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';

test('the shipped model weighs a distance: for at 0.46, against at 0.6, and never beyond its bounds', () => {
  const { scoreMilliNats: weigh = () => Number.NaN } = modelFacts(DEFAULT_MODEL);
  expect(weigh(0.46)).toBe(3_467);
  expect(weigh(0.6)).toBe(-2_104);
  expect(weigh(0)).toBe(5_570);
  expect(weigh(2)).toBe(-3_860);
});

test('a model without a line has no weight of evidence, and keeps the rest of its facts', () => {
  const { likelihood: _, ...calibration } = DEFAULT_MODEL.calibration;
  const facts = modelFacts({ ...DEFAULT_MODEL, calibration });
  expect(facts).toEqual({
    model: { modelId: 'face-api-128', modelVersion: DEFAULT_MODEL.version },
    dimensions: 128,
    normalisation: 'none',
    thresholds: {
      fmr1e2: DEFAULT_MODEL.calibration.thresholds.fmr1e2,
      fmr1e3: DEFAULT_MODEL.calibration.thresholds.fmr1e3,
    },
    openSet: DEFAULT_MODEL.calibration.openSet,
  });
});
