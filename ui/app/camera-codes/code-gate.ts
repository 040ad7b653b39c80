import { SCAN_TEXT_MAX } from '../../../agent/contract/index.ts';

/** A code as the decoder gives it. */
export interface CameraCode {
  readonly text: string;
  /** Symbology identifier of AIM, such as `]Q1`. */
  readonly aim: string;
}

/** A code counts when so many frames gave it and no other: one frame can miss one of two codes, or misread bars. */
export const CONFIRM_FRAMES = 2;
/** The frames that confirm each other lie no further apart, in milliseconds. */
export const CONFIRM_WITHIN_MS = 1_000;
/** A code that no frame gave for so long has left the picture, and counts again when it comes back. */
export const LEFT_AFTER_MS = 1_500;

export type GateEvent =
  | { readonly kind: 'code'; readonly code: CameraCode }
  /** Different codes at once: nobody can say which one is meant. */
  | { readonly kind: 'several' }
  | { readonly kind: 'over-long' };

const same = (a: CameraCode, b: CameraCode | null): boolean =>
  b !== null && a.text === b.text && a.aim === b.aim;

/** Turns what each frame shows into codes, each once for as long as it stays in the picture. */
export function createCodeGate(): {
  /** @param codes what one frame shows @param atMs when, on a clock that only goes forward */
  look(codes: readonly CameraCode[], atMs: number): GateEvent | null;
} {
  let counted: CameraCode | null = null;
  let countedSeenMs = 0;
  let candidate: CameraCode | null = null;
  let candidateFrames = 0;
  let candidateSeenMs = 0;

  return {
    look(codes, atMs) {
      if (counted !== null && atMs - countedSeenMs > LEFT_AFTER_MS) counted = null;
      if (codes.some((code) => same(code, counted))) countedSeenMs = atMs;
      const [first] = codes;
      if (first === undefined) return null;
      if (codes.some((code) => !same(code, first))) {
        candidate = null;
        return { kind: 'several' };
      }
      if (same(first, counted)) return null;
      const confirms = same(first, candidate) && atMs - candidateSeenMs <= CONFIRM_WITHIN_MS;
      candidateFrames = confirms ? candidateFrames + 1 : 1;
      candidate = first;
      candidateSeenMs = atMs;
      if (candidateFrames < CONFIRM_FRAMES) return null;
      counted = first;
      countedSeenMs = atMs;
      candidate = null;
      return first.aim.length + first.text.length > SCAN_TEXT_MAX
        ? { kind: 'over-long' }
        : { kind: 'code', code: first };
    },
  };
}
