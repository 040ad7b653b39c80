import { describe, expect, test } from 'vitest';
import { SCAN_TEXT_MAX } from '../../../../agent/contract/index.ts';
import {
  type CameraCode,
  CONFIRM_FRAMES,
  CONFIRM_WITHIN_MS,
  createCodeGate,
  LEFT_AFTER_MS,
} from '../../../../ui/app/camera-codes/code-gate.ts';
import { DARK_LUMA, isDark } from '../../../../ui/app/camera-codes/frame-light.ts';

const A: CameraCode = { text: 'TSP1:A', aim: ']Q1' };
const B: CameraCode = { text: 'TSP1:B', aim: ']Q1' };
const FRAME_MS = 83;

/** Plays frames, each given as the codes in it, and answers what they amount to. */
const film = (frames: readonly (readonly CameraCode[])[], stepMs = FRAME_MS) => {
  const gate = createCodeGate();
  return frames.map((codes, index) => gate.look(codes, index * stepMs)?.kind ?? '-').join(' ');
};

describe('the codes of the camera', () => {
  test(`a code counts at its frame ${CONFIRM_FRAMES}, and only once while it stays`, () => {
    expect(film([[], [A], [A], [A], [], [A], [A]])).toBe('- - code - - - -');
  });

  test('a frame that misses the code in between changes nothing', () => {
    expect(film([[A], [], [], [A]])).toBe('- - - code');
  });

  test('frames too far apart confirm nothing', () => {
    expect(film([[A], [A]], CONFIRM_WITHIN_MS)).toBe('- code');
    expect(film([[A], [A]], CONFIRM_WITHIN_MS + 1)).toBe('- -');
  });

  test('a code read in one frame only is a misreading', () => {
    expect(film([[A], [B], [A], [B]])).toBe('- - - -');
  });

  test('a code that left the picture and comes back counts again', () => {
    const gate = createCodeGate();
    gate.look([A], 0);
    expect(gate.look([A], FRAME_MS)?.kind).toBe('code');
    expect(gate.look([A], FRAME_MS + LEFT_AFTER_MS)).toBeNull();
    const back = 2 * (FRAME_MS + LEFT_AFTER_MS) + 1;
    expect(gate.look([A], back)).toBeNull();
    expect(gate.look([A], back + FRAME_MS)?.kind).toBe('code');
  });

  test('two different codes are refused, and one of them alone counts after that', () => {
    expect(film([[A, B], [A, B], [B], [B]])).toBe('several several - code');
  });

  test('the first of two codes does not count by a frame that missed the second', () => {
    expect(film([[A], [A, B], [A], [A, B]])).toBe('- several - several');
  });

  test('the same code twice in a frame is one code', () => {
    expect(
      film([
        [A, A],
        [A, A],
      ]),
    ).toBe('- code');
  });

  test('a code at the limit of length counts, a longer one is refused by name', () => {
    const long = (chars: number): CameraCode => ({ aim: ']Q1', text: 'x'.repeat(chars - 3) });
    const [at, above] = [long(SCAN_TEXT_MAX), long(SCAN_TEXT_MAX + 1)];
    expect(film([[at], [at]])).toBe('- code');
    expect(film([[above], [above], [above]])).toBe('- over-long -');
  });
});

describe('the light of a frame', () => {
  const frame = (shade: number, screenPixels = 0): Uint8ClampedArray => {
    const rgba = new Uint8ClampedArray(320 * 240 * 4).fill(shade);
    rgba.fill(220, 0, screenPixels * 4);
    return rgba;
  };

  test('is too little below the limit', () => {
    expect(isDark(frame(DARK_LUMA - 1))).toBe(true);
    expect(isDark(frame(DARK_LUMA))).toBe(false);
  });

  test("is enough where a phone's screen shines in the dark", () => {
    expect(isDark(frame(5, 320 * 20))).toBe(false);
  });

  test('of an empty frame is not judged', () => {
    expect(isDark(new Uint8ClampedArray(0))).toBe(false);
  });
});
