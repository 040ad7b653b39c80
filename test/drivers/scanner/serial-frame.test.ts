import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSerialFramer,
  type Frame,
  INTER_BYTE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  RESYNC_SILENCE_MS,
} from '../../../drivers/scanner/serial-frame.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Codes as text, drops as `!reason`. */
const shown = (frames: readonly Frame[]): string[] =>
  frames.map((frame) =>
    frame.kind === 'code' ? new TextDecoder('latin1').decode(frame.bytes) : `!${frame.reason}`,
  );

/** Pushes pieces `[text, atMs]` in turn. */
const run = (
  pieces: readonly (readonly [string, number])[],
  framer = createSerialFramer(),
): string[] => pieces.flatMap(([text, atMs]) => shown(framer.push(bytes(text), atMs)));

/** A code of printable characters and GS, which is what readers send. */
const codeText = fc.string({
  unit: fc
    .integer({ min: 0x1d, max: 0x7e })
    .filter((unit) => unit === 0x1d || unit >= 0x20)
    .map((unit) => String.fromCharCode(unit)),
  minLength: 1,
  maxLength: 60,
});

describe('terminators', () => {
  test.each([
    ['any', 'A\rB\nC\r\nD\r', ['A', 'B', 'C', 'D']],
    ['cr', 'A\rB\r', ['A', 'B']],
    ['lf', 'A\nB\n', ['A', 'B']],
    ['crlf', 'A\r\nB\r\n', ['A', 'B']],
    ['cr', 'A\nB\rC\r', ['!garbage', 'C']],
    ['crlf', 'A\rB\r\nC\r\n', ['!garbage', 'C']],
    ['crlf', 'A\r\r\nC\r\n', ['!garbage', 'C']],
  ] as const)('%s reads %j as %j', (terminator, input, expected) => {
    expect(run([[input, 0]], createSerialFramer({ terminator }))).toEqual(expected);
  });

  test('empty codes are no codes', () => {
    expect(run([['\r\r\n\nA\r', 0]])).toEqual(['A']);
  });

  test('GS is data, every other control character is garbage', () => {
    expect(run([[']C18018\u001d8019\r', 0]])).toEqual([']C18018\u001d8019']);
    for (let control = 0; control < 0x20; control += 1) {
      if ([0x0a, 0x0d, 0x1d].includes(control)) continue;
      expect(
        run([[`A${String.fromCharCode(control)}B\rC\r`, 0]]),
        `0x${control.toString(16)}`,
      ).toEqual(['!garbage', 'C']);
    }
    expect(run([['A\u007fB\rC\r', 0]])).toEqual(['!garbage', 'C']);
  });
});

describe('torn, garbage, over-long and unterminated scans', () => {
  test('torn: a code with a pause inside is dropped with its tail, which could pass for a shorter code', () => {
    expect(
      run([
        ['400638', 0],
        ['1333931\r', INTER_BYTE_TIMEOUT_MS + 1],
        ['NEXT\r', 200],
      ]),
    ).toEqual(['!unterminated', 'NEXT']);
  });

  test('a pause at the limit is still one code', () => {
    expect(
      run([
        ['400638', 0],
        ['1333931\r', INTER_BYTE_TIMEOUT_MS],
      ]),
    ).toEqual(['4006381333931']);
  });

  test('garbage: noise joins the code it runs into, and only that one is lost', () => {
    expect(
      run([
        ['\u0000\u00ff\u00fegarb4006381333931\r', 0],
        ['6901234567892\r', 1],
      ]),
    ).toEqual(['!garbage', '6901234567892']);
  });

  test('over-long: a code at the limit passes, one byte more is dropped to its terminator', () => {
    expect(run([[`${'x'.repeat(MAX_FRAME_BYTES)}\r`, 0]])[0]).toHaveLength(MAX_FRAME_BYTES);
    expect(run([[`${'x'.repeat(MAX_FRAME_BYTES + 1)}\rA\r`, 0]])).toEqual(['!over-long', 'A']);
  });

  test('a code whose end was read late belongs together where no pause was seen before it', () => {
    const late = 10 * INTER_BYTE_TIMEOUT_MS;
    const halves = (goesOn: boolean): string[] => {
      const framer = createSerialFramer();
      framer.push(bytes('69012'), 0);
      return shown(framer.push(bytes('34\r'), late, goesOn));
    };
    expect([halves(true), halves(false)]).toEqual([['6901234'], ['!unterminated', '34']]);
  });

  test('unterminated: reported when its time is over, and the code after a long silence is whole', () => {
    const framer = createSerialFramer();
    expect(run([['690123', 0]], framer)).toEqual([]);
    expect(framer.deadlineMs()).toBe(INTER_BYTE_TIMEOUT_MS + 1);
    expect(shown(framer.expire(INTER_BYTE_TIMEOUT_MS))).toEqual([]);
    expect(shown(framer.expire(INTER_BYTE_TIMEOUT_MS + 1))).toEqual(['!unterminated']);
    expect(framer.deadlineMs()).toBeNull();
    expect(run([['6901234567892\r', RESYNC_SILENCE_MS + 1]], framer)).toEqual(['6901234567892']);
  });

  test('a tail inside the resync time is still thrown away, each lost code is told once', () => {
    expect(
      run([
        ['690123', 0],
        ['4567', 200],
        ['892\r', 400],
        ['OK\r', 401],
      ]),
    ).toEqual(['!unterminated', 'OK']);
  });

  test('a code that began before it was abandoned never comes, the next one does', () => {
    const framer = createSerialFramer();
    framer.push(bytes('6901'), 0);
    expect(framer.abandon()).toBe(4);
    expect(run([['234567892\rA\r', 10]], framer)).toEqual(['A']);
  });
});

describe('properties', () => {
  test('however the stream is cut, exactly the scans come out', () => {
    fc.assert(
      fc.property(
        fc.array(codeText, { minLength: 50, maxLength: 50 }),
        fc.constantFrom('\r', '\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 }),
        (codes, end, cuts) => {
          const stream = bytes(codes.map((code) => code + end).join(''));
          const framer = createSerialFramer();
          const out: string[] = [];
          let position = 0;
          for (let turn = 0; position < stream.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            out.push(...shown(framer.push(stream.subarray(position, position + size), turn)));
            position += size;
          }
          expect(out).toEqual(codes);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('whatever arrives, nothing throws, the buffer keeps its limit, and no code has a control character or two terminators', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 700 })), {
          maxLength: 60,
        }),
        (pieces) => {
          const framer = createSerialFramer({ maxFrameBytes: 64 });
          let atMs = 0;
          for (const [piece, gapMs] of pieces) {
            atMs += gapMs;
            for (const frame of framer.push(piece, atMs)) {
              if (frame.kind !== 'code') continue;
              expect(frame.bytes.length).toBeLessThanOrEqual(64);
              expect([...frame.bytes].every((byte) => byte >= 0x20 || byte === 0x1d)).toBe(true);
            }
            expect(framer.bufferedBytes()).toBeLessThanOrEqual(64);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('after any noise, a silence brings the next code through', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('any', 'cr', 'lf', 'crlf'),
        (noise, terminator) => {
          const framer = createSerialFramer({ terminator, maxFrameBytes: 64 });
          framer.push(noise, 0);
          const end = terminator === 'lf' ? '\n' : terminator === 'crlf' ? '\r\n' : '\r';
          expect(
            shown(framer.push(bytes(`6901234567892${end}`), RESYNC_SILENCE_MS + 1)).at(-1),
          ).toBe('6901234567892');
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a stuck device that never ends a code holds under 64 kB of buffer and is told once', () => {
  const framer = createSerialFramer();
  const chunk = new Uint8Array(4_000).fill(0x41);
  let drops = 0;
  for (let atMs = 0; atMs < 2_500; atMs += 1) {
    drops += framer.push(chunk, atMs).length;
    expect(framer.bufferedBytes()).toBeLessThan(64 * 1024);
  }
  expect(drops).toBe(1);
});

describe('codes of every length', () => {
  test('to 4 kB come out whole, and one byte more is dropped as over-long', () => {
    const framer = createSerialFramer();
    const digits = new Uint8Array(MAX_FRAME_BYTES + 1).fill(0x37);
    for (let length = 1; length <= MAX_FRAME_BYTES; length += 1) {
      const frames = framer.push(Uint8Array.of(...digits.subarray(0, length), 0x0d), length);
      if (frames.length !== 1 || frames[0]?.kind !== 'code' || frames[0].bytes.length !== length)
        expect.fail(`a code of ${length} bytes: ${JSON.stringify(frames.map(({ kind }) => kind))}`);
    }
    expect(shown(framer.push(Uint8Array.of(...digits, 0x0d), 5_000))).toEqual(['!over-long']);
    expect(shown(framer.push(bytes('OK\r'), 5_001))).toEqual(['OK']);
  });

  test('of binary are garbage once, whatever byte they begin with, and of high bytes are left to the encoding', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const framer = createSerialFramer();
      const out = shown(framer.push(Uint8Array.of(byte, 0x41, 0x0d), 0));
      const isControl = (byte < 0x20 && byte !== 0x1d) || byte === 0x7f;
      const isEnd = byte === 0x0d || byte === 0x0a;
      expect(out.length, `byte ${byte}`).toBe(1);
      if (isControl && !isEnd) expect(out, `byte ${byte}`).toEqual(['!garbage']);
      else expect(out, `byte ${byte}`).not.toContain('!garbage');
    }
  });
});
