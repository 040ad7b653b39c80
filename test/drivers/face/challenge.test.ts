import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanceChallenge,
  type ChallengeSample,
  type ChallengeState,
  startChallenge,
} from '../../../drivers/face/challenge.ts';
import { CHALLENGE_LIMITS } from '../../../drivers/face/challenge-limits.ts';
import {
  CHALLENGE_LENGTH,
  CHALLENGE_MOVEMENTS,
  type ChallengeMovement,
  challengeOrder,
} from '../../../drivers/face/challenge-order.ts';
import {
  headTrack,
  type KeyPose,
  photoLandmarks,
  SOMEBODY,
  SOMEBODY_ELSE,
  STILL,
  type TrackOptions,
} from '../../support/head-track.ts';

// All tracks here are synthetic: see `test/support/head-track.ts`.

const APART_MAX = 0.6;
const ALL: readonly ChallengeMovement[] = CHALLENGE_MOVEMENTS;

/** How long each part of a movement takes, in milliseconds. */
const SETTLE = 1_000;
const KEYS: Readonly<Record<ChallengeMovement, readonly KeyPose[]>> = {
  'turn-left': [{ atMs: 900, yaw: 28 }, { atMs: 1_200 }, { atMs: 2_100, yaw: 0 }, { atMs: 2_600 }],
  'turn-right': [
    { atMs: 900, yaw: -28 },
    { atMs: 1_200 },
    { atMs: 2_100, yaw: 0 },
    { atMs: 2_600 },
  ],
  blink: [
    { atMs: 500 },
    { atMs: 600, lids: 0.15 },
    { atMs: 1_000 },
    { atMs: 1_100, lids: 1 },
    { atMs: 1_700 },
  ],
  nearer: [{ atMs: 1_500, distance: 6.8 }, { atMs: 2_200 }, { atMs: 3_000, distance: 9.5 }],
};

/** Looks straight ahead, then does the movements one after the other. */
function performing(movements: readonly ChallengeMovement[]): KeyPose[] {
  const keys: KeyPose[] = [{ atMs: SETTLE }];
  for (const movement of movements) {
    const fromMs = keys.at(-1)?.atMs ?? 0;
    for (const key of KEYS[movement]) keys.push({ ...key, atMs: fromMs + key.atMs });
  }
  return keys;
}

function run(
  steps: readonly ChallengeMovement[],
  samples: readonly ChallengeSample[],
): ChallengeState {
  return samples.reduce(advanceChallenge, startChallenge(steps, APART_MAX, 0));
}

function outcome(
  steps: readonly ChallengeMovement[],
  keys: readonly KeyPose[],
  options: TrackOptions = {},
): string {
  const { outcome: end } = run(steps, headTrack(keys, options));
  return end.kind === 'failed' ? end.why : end.kind;
}

/** Time goes by with whatever is there held still. */
const held = (keys: readonly KeyPose[]): KeyPose[] => [
  ...keys,
  { atMs: CHALLENGE_LIMITS.totalMs + 1_000 },
];

describe('A turning, blinking, approaching head (synthetic)', () => {
  test.each(ALL)('that does what was asked passes: %s', (movement) => {
    expect(outcome([movement], performing([movement]))).toBe('passed');
  });

  test('passes every order of three, at five and at thirty frames a second', () => {
    for (const a of ALL)
      for (const b of ALL)
        for (const c of ALL) {
          if (new Set([a, b, c]).size < CHALLENGE_LENGTH) continue;
          for (const framesPerSecond of [5, 7.5, 30])
            expect([
              a,
              b,
              c,
              outcome([a, b, c], performing([a, b, c]), { framesPerSecond }),
            ]).toEqual([a, b, c, 'passed']);
        }
  });

  test('passes with a head that is small, held aslant, aside, and followed with noise', () => {
    fc.assert(
      fc.property(
        fc.record({
          roll: fc.double({ min: -12, max: 12, noNaN: true }),
          pitch: fc.double({ min: -8, max: 8, noNaN: true }),
          distance: fc.double({ min: 6, max: 12, noNaN: true }),
          x: fc.double({ min: -1, max: 1, noNaN: true }),
          noisePx: fc.double({ min: 0, max: 1.2, noNaN: true }),
        }),
        fc.shuffledSubarray([...ALL], { minLength: 1 }),
        ({ noisePx, distance, ...held }, steps) => {
          const nearness = distance / STILL.distance;
          const keys = performing(steps).map((key, index) => ({
            ...(index === 0 ? held : {}),
            ...key,
            distance: (key.distance ?? STILL.distance) * nearness,
          }));
          // From the first frame on it is held so.
          const [first, ...rest] = keys;
          expect(
            outcome(
              steps,
              [{ ...first, ...held, distance, atMs: 0 }, ...keys.slice(0, 1), ...rest],
              {
                noisePx,
              },
            ),
          ).toBe('passed');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that turns to the other side than was asked has not done it', () => {
    expect(outcome(['turn-left'], performing(['turn-right']))).toBe('wrong-movement');
    expect(outcome(['blink'], performing(['turn-left']))).toBe('wrong-movement');
  });
});

describe('A still', () => {
  test.each(ALL)('is no %s: time runs out', (movement) => {
    expect(outcome([movement], held([{ atMs: 0 }]))).toBe('timed-out');
  });

  test('that is shaken in the hand does not pass', () => {
    const shaken = Array.from({ length: 100 }, (_, index) => ({
      atMs: index * 300,
      x: index % 2 === 0 ? 0.2 : -0.2,
      y: index % 3 === 0 ? 0.15 : -0.1,
      roll: index % 2 === 0 ? 6 : -6,
    }));
    for (const movement of ALL)
      expect(outcome([movement], held(shaken), { landmarks: photoLandmarks })).toBe('timed-out');
  });

  test('that comes nearer has come nearer, and does not get past a turn or a blink', () => {
    const keys = held(performing(['nearer']));
    expect(outcome(['nearer', 'blink'], keys, { landmarks: photoLandmarks })).toBe('timed-out');
    expect(outcome(['turn-left', 'nearer'], keys, { landmarks: photoLandmarks })).toBe('timed-out');
  });
});

describe('A printed photo', () => {
  test('that is turned in the hand is told from a head that turns', () => {
    const turned = [
      { atMs: SETTLE },
      { atMs: 2_500, yaw: 45 },
      { atMs: 4_000 },
      { atMs: 5_500, yaw: 0 },
    ];
    expect(outcome(['turn-left'], turned, { landmarks: photoLandmarks })).toBe('flat');
    expect(outcome(['turn-right'], turned, { landmarks: photoLandmarks })).toBe('flat');
  });

  test('that is tilted does not blink', () => {
    const tilted = [
      { atMs: SETTLE },
      { atMs: 2_500, pitch: 50 },
      { atMs: 4_000 },
      { atMs: 5_500, pitch: 0 },
    ];
    expect(outcome(['blink'], held(tilted), { landmarks: photoLandmarks })).not.toBe('passed');
  });

  test('never makes a turn or a blink, however it is held and moved', () => {
    const pose = fc.record({
      yaw: fc.double({ min: -60, max: 60, noNaN: true }),
      pitch: fc.double({ min: -60, max: 60, noNaN: true }),
      roll: fc.double({ min: -45, max: 45, noNaN: true }),
      x: fc.double({ min: -1, max: 1, noNaN: true }),
      y: fc.double({ min: -1, max: 1, noNaN: true }),
      distance: fc.double({ min: 4, max: 14, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(pose, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('turn-left' as const, 'turn-right' as const, 'blink' as const),
        (poses, movement) => {
          const keys = poses.map((one, index) => ({ ...one, atMs: SETTLE + (index + 1) * 900 }));
          expect(
            outcome([movement], [{ atMs: SETTLE }, ...keys], {
              landmarks: photoLandmarks,
              noisePx: 0.5,
            }),
          ).not.toBe('passed');
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('A cut, a change of person, or no hurry', () => {
  test('a jump to a picture of a turned head is no turn', () => {
    const cut = [
      { atMs: SETTLE },
      { atMs: SETTLE + 1, yaw: 30 },
      { atMs: 3_000 },
      { atMs: 3_001, yaw: 0 },
    ];
    expect(outcome(['turn-left'], cut)).toBe('jump');
    expect(
      outcome(['nearer'], [{ atMs: SETTLE }, { atMs: SETTLE + 1, distance: 5 }, { atMs: 3_000 }]),
    ).toBe('jump');
    expect(
      outcome(['blink'], [{ atMs: SETTLE }, { atMs: SETTLE + 1, x: 2 }, { atMs: 3_000 }]),
    ).toBe('jump');
  });

  test('another person who takes over midway fails it', () => {
    const keys = performing(['turn-left', 'blink']);
    const person = (atMs: number) => (atMs < 2_500 ? SOMEBODY : SOMEBODY_ELSE);
    expect(outcome(['turn-left', 'blink'], keys, { person })).toBe('other-person');
  });

  test('nobody passes whose face was never described again', () => {
    const samples = headTrack(held(performing(['turn-left'])));
    const { outcome: end } = run(
      ['turn-left'],
      samples.map(({ atMs, landmarks, descriptor }) =>
        atMs < SETTLE && descriptor !== undefined
          ? { atMs, landmarks, descriptor }
          : { atMs, landmarks },
      ),
    );
    expect(end.kind).toBe('timed-out');
  });

  test('whoever takes too long for one movement runs out of time, in all too', () => {
    const late = performing(['turn-left']).map((key) => ({
      ...key,
      atMs: key.atMs + CHALLENGE_LIMITS.stepMs,
    }));
    expect(outcome(['turn-left'], [{ atMs: 0 }, ...late])).toBe('timed-out');
    // Each movement in time, and all of them not.
    const many = Array.from({ length: 20 }, () => 'blink' as const);
    expect(outcome(many, performing(many))).toBe('timed-out');
    expect(outcome(many.slice(0, 10), performing(many.slice(0, 10)))).toBe('passed');
  });

  test('a face may be out of sight for a moment and no longer', () => {
    const samples = headTrack(performing(['blink', 'turn-left']));
    const without = (fromMs: number, toMs: number) =>
      run(
        ['blink', 'turn-left'],
        samples.map((sample) =>
          sample.atMs >= fromMs && sample.atMs < toMs
            ? { atMs: sample.atMs, landmarks: null }
            : sample,
        ),
      ).outcome;
    const fromMs = SETTLE + 200;
    expect(without(fromMs, fromMs + 200).kind).toBe('passed');
    expect(without(fromMs, fromMs + CHALLENGE_LIMITS.gapMaxMs + 500)).toEqual({
      kind: 'failed',
      why: 'lost',
    });
  });

  test('who stands there may change until something is asked for', () => {
    const person = (atMs: number) => (atMs < 200 ? SOMEBODY_ELSE : SOMEBODY);
    expect(outcome(['blink'], performing(['blink']), { person })).toBe('passed');
  });

  test('landmarks that are no numbers or too few count as no face', () => {
    const state = startChallenge(['blink'], APART_MAX, 0);
    const broken = Array.from({ length: 68 }, () => ({ x: Number.NaN, y: 0 }));
    for (const landmarks of [broken, broken.slice(1), Array(68).fill({ x: 1, y: 1 })])
      expect(
        advanceChallenge(state, { atMs: 1, landmarks, descriptor: SOMEBODY }).straightSoFar,
      ).toEqual([]);
  });

  test('an outcome stays, and a frame that is not later changes nothing', () => {
    const passed = run(['blink'], headTrack(performing(['blink'])));
    expect(passed.outcome.kind).toBe('passed');
    expect(advanceChallenge(passed, { atMs: 1e9, landmarks: null })).toBe(passed);
    const begun = run(['blink'], headTrack([{ atMs: 500 }]));
    expect(advanceChallenge(begun, { atMs: 0, landmarks: null })).toBe(begun);
  });
});

test('the order is random, without repeats, and always holds a turn', () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      (numbers) => {
        const order = challengeOrder(() => numbers.next().value);
        expect(new Set(order).size).toBe(CHALLENGE_LENGTH);
        expect(order.some((movement) => movement.startsWith('turn'))).toBe(true);
      },
    ),
  );
  const first = new Set(
    Array.from({ length: 4 }, (_, index) => challengeOrder(() => index / 4)[0]),
  );
  expect(first.size).toBe(CHALLENGE_MOVEMENTS.length);
});
