import { centreOf } from './align.ts';
import { type FaceMotion, type FaceShape, motionOf, shapeOf } from './challenge-geometry.ts';
import { CHALLENGE_LIMITS as LIMITS } from './challenge-limits.ts';
import { isOtherTurn, MOVEMENT_RULES } from './challenge-movement.ts';
import type { ChallengeMovement } from './challenge-order.ts';
import { isContinuous, type PathPoint } from './challenge-path.ts';
import { distanceOf } from './descriptor.ts';
import type { Point } from './embedder.ts';
import { poseOf } from './quality.ts';

/** What one frame says to a challenge. */
export interface ChallengeSample {
  /** Of a clock that only goes forward, in milliseconds. */
  readonly atMs: number;
  /** The 68 points of the one face; null where there is none or it is unclear whose it is. */
  readonly landmarks: readonly Point[] | null;
  /** Where the frame passed the gates. */
  readonly descriptor?: Float32Array;
}

/** Why a challenge failed: cut or thrown about; flat; another person; not asked for; away for too long. */
export type ChallengeFault = 'jump' | 'flat' | 'other-person' | 'wrong-movement' | 'lost';

/** How far a challenge is. To be passed on to the next {@link advanceChallenge} as it is. */
export interface ChallengeState {
  readonly steps: readonly ChallengeMovement[];
  /** Distance up to which two descriptors may be of one person, in the model's metric. */
  readonly apartMax: number;
  readonly outcome:
    | { readonly kind: 'asking' }
    | { readonly kind: 'passed' }
    | { readonly kind: 'failed'; readonly why: ChallengeFault }
    | { readonly kind: 'timed-out' };
  /** `straight` = look straight ahead at the start; `move` = the movement; `back` = straight ahead after it. */
  readonly phase: 'straight' | 'move' | 'back';
  /** Movements that are done, with the way back. */
  readonly done: number;
  readonly startMs: number;
  readonly stepMs: number;
  readonly straightSoFar: readonly FaceShape[];
  readonly straight: FaceShape | null;
  readonly reference: Float32Array | null;
  readonly last: PathPoint | null;
  readonly pathFrames: number;
  readonly flatFrames: number;
}

/**
 * Begins a challenge. Being passed says that something with the relief of a head did what was asked, in the order that
 * was asked. It is no presentation attack detection: a mask, or a film of the member made for this order, passes.
 * @param steps in random order, at least one
 * @param apartMax distance of two descriptors of one person, at most
 */
export function startChallenge(
  steps: readonly ChallengeMovement[],
  apartMax: number,
  atMs: number,
): ChallengeState {
  if (steps.length === 0) throw new Error('broken invariant: a challenge without a movement');
  return {
    steps,
    apartMax,
    outcome: { kind: 'asking' },
    phase: 'straight',
    done: 0,
    startMs: atMs,
    stepMs: atMs,
    straightSoFar: [],
    straight: null,
    reference: null,
    last: null,
    pathFrames: 0,
    flatFrames: 0,
  };
}

/** Takes one more frame; an outcome that is reached stays. A frame that is not later than the last is passed over. */
export function advanceChallenge(state: ChallengeState, sample: ChallengeSample): ChallengeState {
  const { atMs, landmarks, descriptor } = sample;
  if (state.outcome.kind !== 'asking' || (state.last !== null && atMs <= state.last.atMs))
    return state;
  if (atMs - state.startMs > LIMITS.totalMs || atMs - state.stepMs > LIMITS.stepMs)
    return { ...state, outcome: { kind: 'timed-out' } };
  const shape = landmarks === null ? null : shapeOf(landmarks);
  if (landmarks === null || shape === null) return withoutFace(state, atMs);
  const last = { atMs, shape, yawDegrees: poseOf(landmarks).yawDegrees };
  const isSame = state.last === null || isContinuous(state.last, last);
  if (state.straight === null)
    return { ...lookStraight(isSame ? state : startAgain(state), last, descriptor), last };
  if (!isSame) return failed(state, 'jump');
  if (descriptor !== undefined && !isReference(state, descriptor))
    return failed(state, 'other-person');
  const motion = motionOf(state.straight, shape);
  if (motion === null) return withoutFace(state, atMs);
  return { ...move(state, motion, sample), last };
}

function withoutFace(state: ChallengeState, atMs: number): ChallengeState {
  if (state.straight === null) return startAgain(state);
  return state.last !== null && atMs - state.last.atMs > LIMITS.gapMaxMs
    ? failed(state, 'lost')
    : state;
}

/** Before anything was asked for, whoever stands there may still change. */
function startAgain(state: ChallengeState): ChallengeState {
  return { ...state, straightSoFar: [], reference: null, last: null };
}

function failed(state: ChallengeState, why: ChallengeFault): ChallengeState {
  return { ...state, outcome: { kind: 'failed', why } };
}

function isReference({ reference, apartMax }: ChallengeState, descriptor: Float32Array): boolean {
  return reference !== null && distanceOf(reference, descriptor) <= apartMax;
}

function lookStraight(
  state: ChallengeState,
  { atMs, shape, yawDegrees }: PathPoint,
  descriptor: Float32Array | undefined,
): ChallengeState {
  if (Math.abs(yawDegrees) > LIMITS.straightDegrees) return startAgain(state);
  // A face just about good enough is described in some frames and not in those between.
  if (descriptor === undefined) return state;
  if (state.reference !== null && !isReference(state, descriptor)) return startAgain(state);
  const reference = state.reference ?? descriptor;
  const straightSoFar = [...state.straightSoFar, shape];
  return straightSoFar.length < LIMITS.straightFrames
    ? { ...state, reference, straightSoFar }
    : {
        ...state,
        reference,
        straightSoFar: [],
        straight: meanShape(straightSoFar, shape),
        phase: 'move',
        stepMs: atMs,
      };
}

/** The mean of shapes that are all in the face's own frame. */
function meanShape(shapes: readonly FaceShape[], { middle }: FaceShape): FaceShape {
  const first = shapes[0]?.points ?? [];
  return {
    points: first.map((_, at) =>
      centreOf(shapes.map(({ points }) => points[at] ?? { x: 0, y: 0 })),
    ),
    middle,
    eyesPx: shapes.reduce((sum, { eyesPx }) => sum + eyesPx, 0) / shapes.length,
  };
}

function move(
  state: ChallengeState,
  motion: FaceMotion,
  { atMs, descriptor }: ChallengeSample,
): ChallengeState {
  const isFlat =
    motion.squeeze < LIMITS.flatSqueezeMax &&
    Math.hypot(motion.parallaxX, motion.parallaxY) < LIMITS.flatParallaxMax;
  const flatFrames = isFlat ? state.flatFrames + 1 : 0;
  if (flatFrames >= LIMITS.flatFramesMax) return failed(state, 'flat');
  const asked = state.steps[state.done] ?? 'blink';
  // A film that goes through all movements must not pass by waiting for each.
  if (isOtherTurn(asked, motion)) return failed(state, 'wrong-movement');
  const rule = MOVEMENT_RULES[asked];
  if (state.phase === 'move') {
    const share = rule.share(motion);
    const pathFrames = state.pathFrames + (rule.isOnPath(share) ? 1 : 0);
    const isReached = share >= 1 && pathFrames >= LIMITS.pathFramesMin;
    return { ...state, flatFrames, pathFrames, phase: isReached ? 'back' : 'move' };
  }
  // It ends where it began: straight ahead, and by the descriptor still the same person.
  if (!rule.isBack(motion) || descriptor === undefined) return { ...state, flatFrames };
  const done = state.done + 1;
  const outcome = done === state.steps.length ? ({ kind: 'passed' } as const) : state.outcome;
  return { ...state, flatFrames, done, outcome, phase: 'move', pathFrames: 0, stepMs: atMs };
}
