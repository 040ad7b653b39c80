import { describe, expect, test } from 'vitest';
import { exactInterval, quantilePlaces } from '../../../../agent/domain/face/binomial.ts';
import {
  checkThreshold,
  comparisonsNeeded,
  knownDistances,
  thresholdFor,
} from '../../../../agent/domain/face/calibration.ts';
import { DRIFT_MIN, driftOf } from '../../../../agent/domain/face/drift.ts';
import {
  fitLikelihood,
  LIKELIHOOD_MIN,
  likelihoodCost,
  scoreMilliNats,
} from '../../../../agent/domain/face/likelihood.ts';

const steps = (count: number, from: number, to: number) =>
  Float64Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));

/** Repeatable normal numbers, as sums of twelve even ones. */
function normals(seed: number) {
  let state = seed;
  const even = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return (mean: number, deviation: number) => {
    let sum = -6;
    for (let nth = 0; nth < 12; nth++) sum += even();
    return mean + deviation * sum;
  };
}

describe('exact intervals', () => {
  test('are those of the tables: 10 of 100 is 0.0490 to 0.1762, none of 3,000 up to 0.00123', () => {
    const [low, high] = exactInterval(10, 100);
    expect([low.toFixed(6), high.toFixed(6)]).toEqual(['0.049005', '0.176223']);
    expect(exactInterval(0, 3_000)[0]).toBe(0);
    expect(exactInterval(0, 3_000)[1]).toBeCloseTo(1 - 0.025 ** (1 / 3_000), 9);
    expect(exactInterval(5, 5)).toEqual([expect.closeTo(0.025 ** (1 / 5), 9), 1]);
    expect(exactInterval(0, 0)).toEqual([0, 1]);
  });

  test('of a quantile are places in the sample: 6 to 15 for the median of 20', () => {
    expect(quantilePlaces(0.5, 20)).toEqual([6, 15]);
    // A sample too small to bound the quantile says so by a place outside.
    expect(quantilePlaces(0.01, 20)).toEqual([0, 2]);
    expect(quantilePlaces(0.99, 20)).toEqual([19, 21]);
  });
});

describe('a threshold from comparisons', () => {
  const genuine = steps(200, 0.1, 0.6);
  const impostor = steps(10_000, 0.4, 1.4);

  test('accepts the wanted share and is bounded on both sides', () => {
    const point = thresholdFor(0.01, { genuine, impostor });
    if (!('threshold' in point)) throw new Error('enough comparisons');
    expect(point.threshold).toBeCloseTo(0.41, 3);
    expect(point.shown).toBe(0.01);
    const [low, high] = point.thresholdCi95;
    // 100 of 10,000: the place of the quantile is known to about 20.
    expect(low).toBeCloseTo(0.4081, 3);
    expect(high).toBeCloseTo(0.412, 3);
    expect(point.tmr).toBeCloseTo(0.62, 2);
    expect(point.shownCi95[0]).toBeLessThan(0.01);
    expect(point.shownCi95[1]).toBeGreaterThan(0.01);
  });

  test('is refused below what the count can show: 3,000 comparisons for 0.1 %', () => {
    expect(comparisonsNeeded(0.001)).toBe(3_000);
    const cut = (count: number) =>
      thresholdFor(0.001, { genuine, impostor: impostor.slice(0, count) });
    expect(cut(2_999)).toEqual({ fmr: 0.001, needed: 3_000, given: 2_999 });
    expect(cut(3_000)).toHaveProperty('threshold');
  });

  test('is refused without enough comparisons of one person', () => {
    const few = thresholdFor(0.01, { genuine: genuine.slice(0, 29), impostor });
    expect(few).toEqual({ fmr: 0.01, needed: 30, given: 29 });
    expect(thresholdFor(0.01, { genuine: genuine.slice(0, 30), impostor })).toHaveProperty('tmr');
  });

  test('that is in use is kept, worse or undecided', () => {
    const verdict = (fmr: number, threshold: number, count = 10_000) =>
      checkThreshold(fmr, threshold, { genuine, impostor: impostor.slice(0, count) }).verdict;
    expect(verdict(0.01, 0.405)).toBe('kept');
    expect(verdict(0.01, 0.42)).toBe('worse');
    expect(verdict(0.01, 0.41)).toBe('open');
    expect(verdict(0.01, 0.3, 100)).toBe('open');
  });
});

describe('the weight of evidence', () => {
  const normal = normals(7);
  const genuine = Float64Array.from({ length: 2_000 }, () => normal(0.4, 0.08)).sort();
  const impostor = Float64Array.from({ length: 20_000 }, () => normal(0.8, 0.08)).sort();
  const known = { genuine, impostor };
  const fitted = fitLikelihood(known);
  if (!fitted.ok) throw new Error('two kinds that differ');
  const line = fitted.value;

  test('is that of theory for two normal kinds: 62.5 nats a unit, none halfway between', () => {
    // (0.8 - 0.4) / 0.08² by the densities.
    expect(line.slope).toBeGreaterThan(54);
    expect(line.slope).toBeLessThan(71);
    expect(line.offset / line.slope).toBeCloseTo(0.6, 2);
    expect(scoreMilliNats(0.6, line) / 1_000).toBeCloseTo(0, 0);
  });

  test('never grows with the distance, and ends where the comparisons end to show', () => {
    const scores = Array.from(steps(200, 0, 2), (distance) => scoreMilliNats(distance, line));
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores[0]).toBe(Math.round(1_000 * Math.log(20_000 / 3)));
    expect(scores.at(-1)).toBe(-Math.round(1_000 * Math.log(2_000 / 3)));
    expect(scores.every(Number.isInteger)).toBe(true);
  });

  test('of a distance that is no number is the least there is', () => {
    expect(scoreMilliNats(Number.NaN, line)).toBe(Math.round(1_000 * line.min));
  });

  test('is bounded by the independent comparisons where those are fewer', () => {
    const bound = fitLikelihood(known, { genuine: 30, impostor: 300 });
    expect(bound.ok && bound.value.max).toBeCloseTo(Math.log(100));
    expect(bound.ok && bound.value.min).toBeCloseTo(-Math.log(10));
  });

  test('costs little where kinds differ, one bit where scores say nothing', () => {
    expect(likelihoodCost(known, line)).toBeLessThan(0.05);
    expect(likelihoodCost(known, { offset: 0, slope: 0, min: 0, max: 0 })).toBeCloseTo(1);
  });

  test('stays finite where the kinds do not overlap at all', () => {
    const apart = fitLikelihood({ genuine: steps(100, 0.1, 0.2), impostor: steps(100, 0.8, 0.9) });
    expect(apart.ok && Number.isFinite(apart.value.slope) && apart.value.slope > 0).toBe(true);
  });

  test('is refused for few comparisons, kinds the wrong way about, and kinds that are alike', () => {
    const few = { genuine: genuine.slice(0, LIKELIHOOD_MIN - 1), impostor };
    expect(fitLikelihood(few)).toEqual({ ok: false, error: { code: 'too-few' } });
    const enough = { genuine: genuine.slice(0, LIKELIHOOD_MIN), impostor };
    expect(fitLikelihood(enough).ok).toBe(true);
    const turned = { genuine: impostor, impostor: genuine };
    expect(fitLikelihood(turned)).toEqual({ ok: false, error: { code: 'not-told-apart' } });
    const same = new Float64Array(50).fill(0.5);
    expect(fitLikelihood({ genuine: same, impostor: same }).ok).toBe(false);
  });
});

describe('drift', () => {
  const sample = (seed: number, mean: number, count = 200) => {
    const normal = normals(seed);
    return Array.from({ length: count }, () => normal(mean, 0.08));
  };

  test('is told when recent distances are larger or smaller, and not when they are alike', () => {
    expect(driftOf(sample(1, 0.35), sample(2, 0.35)).verdict).toBe('steady');
    expect(driftOf(sample(1, 0.35), sample(2, 0.4)).verdict).toBe('farther');
    expect(driftOf(sample(1, 0.35), sample(2, 0.3)).verdict).toBe('nearer');
  });

  test('is not told for a shift that is sure and too small to matter', () => {
    const drift = driftOf(sample(1, 0.35, 9_000), sample(2, 0.36, 9_000));
    expect(drift.chance).toBeLessThan(0.01);
    expect(drift.verdict).toBe('steady');
  });

  test('is the rank-sum test: a textbook case, ties shared', () => {
    const before = Array.from({ length: 30 }, (_, at) => at + 1);
    const recent = before.map((one) => one + 10);
    const { largerShare, chance } = driftOf(before, recent);
    // 690 pairs of 900 with the larger one recent, 20 ties counted as halves: U = 700.
    expect(largerShare).toBeCloseTo(700 / 900, 9);
    expect(chance).toBeCloseTo(0.00022, 4);
  });

  test(`needs ${DRIFT_MIN} distances on each side, and sees none where all are equal`, () => {
    expect(driftOf(sample(1, 0.3, DRIFT_MIN - 1), sample(2, 0.5)).verdict).toBe('too-few');
    expect(driftOf(sample(1, 0.3, DRIFT_MIN), sample(2, 0.5)).verdict).toBe('farther');
    const equal = new Array(DRIFT_MIN).fill(0.4);
    expect(driftOf(equal, equal)).toMatchObject({ verdict: 'steady', chance: 1, largerShare: 0.5 });
  });
});

test('comparisons are parted by what was confirmed, each kind ascending', () => {
  const { genuine, impostor } = knownDistances([
    { distance: 0.5, same: true },
    { distance: 0.9, same: false },
    { distance: 0.3, same: true },
  ]);
  expect([[...genuine], [...impostor]]).toEqual([[0.3, 0.5], [0.9]]);
});
