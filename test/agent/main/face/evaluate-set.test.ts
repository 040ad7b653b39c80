import { expect, test } from 'vitest';
import type { DescribedImage } from '../../../../agent/main/face/describe-set.ts';
import { evaluateSet } from '../../../../agent/main/face/evaluate-set.ts';
import type { FaceRole } from '../../../../agent/main/face/read-face-set.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';

/** A model of two numbers that names people up to distance 1, the second at least 0.5 further. */
const manifest = {
  ...DEFAULT_MODEL,
  dimensions: 2,
  calibration: { ...DEFAULT_MODEL.calibration, openSet: { threshold: 1, margin: 0.5 } },
};

const photo = (
  file: string,
  role: FaceRole,
  x: number,
  y: number,
  person = file[0] ?? '',
): DescribedImage => ({ file, person, role, descriptor: Float32Array.of(x, y) });

const DESCRIBED = [
  photo('a1', 'enrol', 10, 0),
  photo('a2', 'probe', 10, 1),
  photo('a3', 'probe', 10, 2),
  photo('b1', 'enrol', 20, 0),
  photo('b2', 'probe', 20, 0.5),
  photo('s1', 'stranger', 10, -0.5),
  photo('t1', 'stranger', 30, 0),
];

function evaluate(described: readonly DescribedImage[], pairs: readonly string[] = []) {
  const set = {
    folder: '',
    images: described,
    pairs: pairs.map((pair) => {
      const [a = '', b = ''] = pair.split(' ');
      return { a, b, same: a[0] === b[0] };
    }),
  };
  return evaluateSet(set, described, [], manifest);
}

test('listed pairs of one person are held against every two photographs of different people', () => {
  const report = evaluate(DESCRIBED, ['a1 a2', 'a1 a3', 'b1 b2', 'a1 b1']);
  // 7 photographs make 21 pairs, of which 3 are of a and 1 of b.
  expect(report).toMatchObject({ genuine: 3, impostor: 17, listed: { genuine: 3, impostor: 1 } });
  expect(report.eer).toBeGreaterThan(0);
});

test('pairs with a picture that could not be described are left out and counted', () => {
  const failed = [{ file: 'x', reason: 'no-face' as const }];
  const images = [...DESCRIBED, { file: 'x', person: 'x', role: 'stranger' as const }];
  const pairs = [
    { a: 'a1', b: 'x', same: false },
    { a: 'a1', b: 'not-in-the-table', same: false },
    { a: 'a1', b: 'a2', same: true },
  ];
  const report = evaluateSet({ folder: '', images, pairs }, DESCRIBED, failed, manifest);
  expect(report).toMatchObject({
    items: 8,
    failures: 1,
    failed,
    listed: { genuine: 1, impostor: 0, eer: null, eerCi95: null, leftOut: 2 },
  });
});

test('1:N counts right names, wrong names and named strangers by the rule of the model, with intervals', () => {
  const { identification } = evaluate(DESCRIBED);
  // a2 lies at distance 1, a3 beyond it, b2 within; the stranger s1 looks like a.
  expect(identification).toMatchObject({
    enrolled: 2,
    probes: 3,
    strangers: 2,
    rule: { threshold: 1, margin: 0.5 },
    tpir: 2 / 3,
    fpir: 1 / 2,
    wrong: 0,
  });
  expect(identification?.tpirCi95[0]).toBeCloseTo(0.2077, 3);
  expect(identification?.fpirCi95).toEqual([expect.closeTo(0.0945, 3), expect.closeTo(0.9055, 3)]);
});

test('a wrong name counts also where the enrolment of the person failed, who is no missed probe', () => {
  const lost = [...DESCRIBED, photo('c2', 'probe', 20, 0)];
  expect(evaluate(lost).identification).toMatchObject({ probes: 3, wrong: 1, tpir: 2 / 3 });
});

test('several enrolled photographs of a person become one template, their mean', () => {
  const two = [...DESCRIBED, photo('a4', 'enrol', 10, 4)];
  // The mean of a1 and a4 lies at (10, 2): both probes of a are near it.
  expect(evaluate(two).identification).toMatchObject({ enrolled: 2, tpir: 1 });
});

test('people with four photographs are compared by the mean of three, once against all others', () => {
  const four = [...DESCRIBED, photo('a4', 'probe', 10, 3)];
  const { meanOfThree } = evaluate(four);
  expect(meanOfThree).toMatchObject({ genuine: 4, impostor: 4 });
});

test('a set without enrolment says nothing of 1:N, and an empty one gives no rates', () => {
  const strangers = DESCRIBED.filter(({ role }) => role === 'stranger');
  expect(evaluate(strangers)).not.toHaveProperty('identification');
  expect(evaluate([])).toMatchObject({ genuine: 0, impostor: 0, eer: null, points: [] });
});

test('says which rules of the till it waives', () => {
  expect(evaluate(DESCRIBED).waived).toEqual([
    'three-captures',
    'agreement-of-frames',
    'quality-gates',
  ]);
});
