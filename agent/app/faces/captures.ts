import {
  err,
  type FaceFrame,
  type Failure,
  type FrameQuality,
  failure,
  ok,
  type Result,
} from '../../contract/index.ts';
import { isComparable } from '../../domain/face/gallery.ts';
import type { FaceModelFacts } from './ports.ts';

/** Gated frames of one session that are kept until they are judged; the oldest gives way. */
export const CAPTURES_MAX = 12;
const BYTES_PER_NUMBER = 4;
/** How far from one the length of a unit descriptor may be: the rounding of 32-bit sums, generously. */
const UNIT_TOLERANCE = 0.01;

export type DescribedFrame = Extract<FaceFrame, { kind: 'described' }>;

/** One gated frame. */
export interface Capture {
  readonly descriptor: Float32Array;
  /** How sure the detector was, in basis points. */
  readonly qualityBp: number;
}

/** The gated frames of one session, in memory only, overwritten when they go. */
export interface Captures {
  readonly all: readonly Capture[];
  /**
   * Takes a frame. Fails with `capture-descriptor` where the numbers are none of this model; answers false where the
   * session began with somebody else before the camera.
   */
  add(frame: DescribedFrame): Result<boolean, Failure>;
  /** Overwrites those taken so far; who the session began with stays. */
  again(): void;
  /** Overwrites everything. */
  wipe(): void;
}

export function createCaptures(model: FaceModelFacts): Captures {
  let all: Capture[] = [];
  let first: Float32Array | undefined;

  function drop(captures: readonly Capture[]): void {
    for (const { descriptor } of captures) descriptor.fill(0);
  }

  return {
    get all() {
      return all;
    },
    add(frame) {
      const read = readDescriptor(frame, model);
      if (!read.ok) return read;
      const descriptor = read.value;
      // Whoever moved for the challenge is whoever is compared.
      if (first !== undefined && distance(first, descriptor) > model.thresholds.fmr1e2) {
        descriptor.fill(0);
        return ok(false);
      }
      first ??= descriptor.slice();
      all.push({ descriptor, qualityBp: qualityBp(frame.quality) });
      if (all.length > CAPTURES_MAX) drop(all.splice(0, all.length - CAPTURES_MAX));
      return ok(true);
    },
    again() {
      drop(all);
      all = [];
    },
    wipe() {
      drop(all);
      all = [];
      first?.fill(0);
      first = undefined;
    },
  };
}

/** The numbers of a frame; the bytes between are overwritten. The text that they came in cannot be, and is let go. */
function readDescriptor(
  { model: given, descriptor }: DescribedFrame,
  { model, dimensions, normalisation }: FaceModelFacts,
): Result<Float32Array, Failure> {
  if (given.modelId !== model.modelId || given.modelVersion !== model.modelVersion)
    return bad('other-model');
  const bytes = Buffer.from(descriptor, 'base64');
  try {
    if (bytes.length !== dimensions * BYTES_PER_NUMBER) return bad('wrong-length');
    const values = Float32Array.from({ length: dimensions }, (_, at) =>
      bytes.readFloatLE(at * BYTES_PER_NUMBER),
    );
    if (!values.every(Number.isFinite)) return bad('not-a-number');
    if (!isComparable(values, dimensions)) return bad('zero');
    if (normalisation === 'unit' && Math.abs(Math.hypot(...values) - 1) > UNIT_TOLERANCE)
      return bad('not-unit');
    return ok(values);
  } finally {
    bytes.fill(0);
  }
}

function bad(why: string): Result<never, Failure> {
  return err(failure('capture-descriptor', 'descriptor', { why }));
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

function qualityBp({ score }: FrameQuality): number {
  return Math.round(score * 10_000);
}
