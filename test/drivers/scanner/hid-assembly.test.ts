import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONTINUED_TIMEOUT_MS,
  createHidAssembler,
  MAX_CODE_BYTES,
  REPORT_RESYNC_MS,
} from '../../../drivers/scanner/hid-assembly.ts';
import {
  plainLayout,
  type ReportLayout,
  sharedLayout,
} from '../../../drivers/scanner/hid-layout.ts';
import { type ReportShape, reportsOf } from '../../../drivers/sim/hid-reports.ts';

const PART_BYTES = sharedLayout.dataBytes;

/** An assembler, the codes that came out as text, and why others did not. */
const createBench = (layout: ReportLayout = sharedLayout) => {
  const assembler = createHidAssembler(() => layout);
  const codes: string[] = [];
  const drops: string[] = [];
  let atMs = 0;
  const keep = (given: ReturnType<typeof assembler.push>): void => {
    for (const one of given) {
      if (one.kind === 'code') codes.push(`${one.aim ?? ''}${new TextDecoder().decode(one.bytes)}`);
      else drops.push(one.reason);
    }
  };
  return {
    assembler,
    codes,
    drops,
    wait: (ms: number) => {
      atMs += ms;
    },
    expire: () => keep(assembler.expire(atMs)),
    push: (report: Uint8Array) => keep(assembler.push(report, atMs)),
    scan(text: string, shape: ReportShape = {}) {
      for (const report of reportsOf(new TextEncoder().encode(text), {
        aim: ']Q1',
        layout,
        ...shape,
      }))
        keep(assembler.push(report, atMs));
    },
  };
};

const parts = (text: string, shape: ReportShape = {}): Uint8Array[] =>
  reportsOf(new TextEncoder().encode(text), { aim: ']Q1', ...shape });

describe('one code in one report', () => {
  test('its data is as long as the report says, its AIM identifier beside it', () => {
    const { scan, codes } = createBench();
    scan('6901234567892', { aim: ']E0' });
    scan('0', { aim: ']C1' });
    expect(codes).toEqual([']E06901234567892', ']C10']);
  });

  test('a reader that sends everything one byte later is read all the same, a full report included', () => {
    const { scan, codes } = createBench();
    scan('x'.repeat(PART_BYTES), { shift: 1 });
    scan('short', { shift: 1 });
    expect(codes).toEqual([`]Q1${'x'.repeat(PART_BYTES)}`, ']Q1short']);
  });

  test.each([
    ['CR', 'code\r'],
    ['LF', 'code\n'],
    ['CR LF', 'code\r\n'],
  ])('a trailing %s is no part of the code, and only one is taken off', (_name, text) => {
    const { scan, codes } = createBench();
    scan(text);
    scan(`${text}${text.slice(4)}`);
    expect(codes[0]).toBe(']Q1code');
    expect(codes[1]).toBe(`]Q1${text.endsWith('\r\n') ? 'code\r\n' : text}`);
  });

  test('an empty report, a terminator alone and a report of another kind are no codes and no faults', () => {
    const { scan, push, codes, drops } = createBench();
    push(new Uint8Array(64).fill(0).fill(2, 0, 1));
    scan('\r');
    push(Uint8Array.of(9, 1, 2, 3));
    expect([codes, drops]).toEqual([[], []]);
  });

  test('a report with no AIM identifier in either place has an unknown layout: nothing of it is read, and each is told', () => {
    const { scan, codes, drops } = createBench();
    scan('6901234567892', { aim: undefined });
    scan('6901234567892', { layout: plainLayout });
    expect([codes, drops]).toEqual([[], ['garbage', 'garbage']]);
  });

  test('where the device itself declares its layout, a report without AIM identifier is a code', () => {
    const { scan, codes } = createBench({ ...sharedLayout, declared: true });
    scan('6901234567892', { aim: undefined });
    expect(codes).toEqual(['6901234567892']);
  });

  test('the layout without AIM identifier is read by its length, identifier in the data or not', () => {
    const { scan, codes } = createBench(plainLayout);
    scan('6901234567892');
    scan(`]C1${'8'.repeat(200)}`);
    expect(codes).toEqual(['6901234567892', `]C1${'8'.repeat(200)}`]);
  });

  test('without a length the data ends before its trailing zeros', () => {
    const { scan, codes } = createBench({ ...sharedLayout, lengthAt: undefined });
    scan('6901234567892');
    expect(codes).toEqual([']Q16901234567892']);
  });

  test('a short report and one that claims more data than it holds are dropped', () => {
    const { push, codes, drops } = createBench();
    const [whole] = parts('6901234567892');
    push((whole as Uint8Array).slice(0, 40));
    const lying = Uint8Array.from(whole as Uint8Array);
    lying[1] = PART_BYTES + 1;
    // The short one may have been the first of several: what follows it at once is not trusted.
    push(lying);
    push(lying);
    expect([codes, drops]).toEqual([[], ['garbage', 'garbage']]);
  });
});

describe('a long code in several reports', () => {
  test.each([
    PART_BYTES - 1,
    PART_BYTES,
    PART_BYTES + 1,
    2 * PART_BYTES,
    300,
    1_000,
    MAX_CODE_BYTES,
  ])('of %i bytes comes out whole and once', (size) => {
    const { scan, codes, drops } = createBench();
    const text = Array.from({ length: size }, (_, index) => String(index % 10)).join('');
    scan(text);
    expect([codes, drops]).toEqual([[`]Q1${text}`], []]);
  });

  test('of one byte more than the limit is dropped to its end, and the next one is read', () => {
    const { scan, codes, drops, assembler } = createBench();
    scan('x'.repeat(MAX_CODE_BYTES + 1));
    expect(assembler.bufferedBytes()).toBe(0);
    scan('next');
    expect([codes, drops]).toEqual([[']Q1next'], ['over-long']]);
  });

  test('may name its AIM identifier in the first report only', () => {
    const { push, codes } = createBench();
    const [first, second] = parts('y'.repeat(60)) as [Uint8Array, Uint8Array];
    second.fill(0, 2, 5);
    push(first);
    push(second);
    expect(codes).toEqual([`]Q1${'y'.repeat(60)}`]);
  });

  test('whose end does not come within the limit is dropped and told once, at the deadline', () => {
    const { push, wait, expire, codes, drops, assembler } = createBench();
    push(parts('y'.repeat(60))[0] as Uint8Array);
    expect(assembler.deadlineMs()).toBe(CONTINUED_TIMEOUT_MS + 1);
    wait(CONTINUED_TIMEOUT_MS);
    expire();
    expect(drops).toEqual([]);
    wait(1);
    expire();
    expire();
    expect([codes, drops]).toEqual([[], ['unterminated']]);
    expect(assembler.deadlineMs()).toBeNull();
  });

  test('whose end comes exactly at the limit is whole', () => {
    const { push, wait, codes } = createBench();
    const [first, second] = parts('y'.repeat(60)) as [Uint8Array, Uint8Array];
    push(first);
    wait(CONTINUED_TIMEOUT_MS);
    push(second);
    expect(codes).toHaveLength(1);
  });

  test('whose end comes too late gives no shorter code, and after the silence a fresh one is read', () => {
    const { push, scan, wait, codes, drops } = createBench();
    const [first, second] = parts(`${'y'.repeat(PART_BYTES)}6901234567892`) as [
      Uint8Array,
      Uint8Array,
    ];
    push(first);
    wait(CONTINUED_TIMEOUT_MS + 100);
    push(second);
    scan('fresh-1');
    push(first);
    wait(REPORT_RESYNC_MS + 1);
    scan('fresh-2');
    expect(codes).toEqual([']Q1fresh-1', ']Q1fresh-2']);
    expect(drops).toEqual(['unterminated', 'unterminated']);
  });

  test('that runs into a code of another symbology is dropped with it, because either may be torn', () => {
    const { push, scan, codes, drops } = createBench();
    push(parts('y'.repeat(60))[0] as Uint8Array);
    scan('6901234567892', { aim: ']E0' });
    scan('after');
    expect([codes, drops]).toEqual([[']Q1after'], ['garbage']]);
  });

  test('with a broken report in the middle is dropped to its end', () => {
    const { push, scan, codes, drops } = createBench();
    const [first, second, third] = parts('y'.repeat(150)) as [Uint8Array, Uint8Array, Uint8Array];
    push(first);
    push(second.slice(0, 30));
    push(third);
    scan('after');
    expect([codes, drops]).toEqual([[']Q1after'], ['garbage']]);
  });

  test('that began before the claim is skipped to its end', () => {
    const { assembler, push, scan, codes } = createBench();
    const [first, second] = parts('y'.repeat(60)) as [Uint8Array, Uint8Array];
    push(first);
    expect(assembler.abandon()).toBe(true);
    expect(assembler.abandon()).toBe(false);
    push(second);
    scan('after');
    expect(codes).toEqual([']Q1after']);
  });
});

describe('whatever a device sends', () => {
  const codeText = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 700 })
    .filter((text) => !/[\r\n]$/.test(text));

  test('any cut of long codes into reports gives exactly the codes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(codeText, fc.integer({ min: 1, max: PART_BYTES })), { maxLength: 8 }),
        fc.constantFrom<0 | 1>(0, 1),
        (scans, shift) => {
          const { scan, codes, drops } = createBench();
          for (const [text, partBytes] of scans) scan(text, { partBytes, shift });
          expect(codes).toEqual(scans.map(([text]) => `]Q1${text}`));
          expect(drops).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('random reports at random times never throw, never hold more than the limit, and never make a code out of nothing', () => {
    const layouts = fc.constantFrom(sharedLayout, plainLayout, { ...sharedLayout, declared: true });
    const report = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 63, maxLength: 63 }).map((rest) => Uint8Array.of(2, ...rest)),
    );
    fc.assert(
      fc.property(
        layouts,
        fc.array(fc.tuple(report, fc.integer({ min: 0, max: 1_500 })), { maxLength: 120 }),
        (layout, reports) => {
          const assembler = createHidAssembler(() => layout);
          let atMs = 0;
          let sentBytes = 0;
          for (const [one, pauseMs] of reports) {
            atMs += pauseMs;
            sentBytes += one.length;
            for (const given of assembler.push(one, atMs))
              if (given.kind === 'code') expect(given.bytes.length).toBeLessThanOrEqual(sentBytes);
            expect(assembler.bufferedBytes()).toBeLessThanOrEqual(MAX_CODE_BYTES);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a stuck device that never ends its code is held in less than 64 kB', () => {
    const { push, assembler } = createBench();
    const part = parts('y'.repeat(60))[0] as Uint8Array;
    let mostBytes = 0;
    for (let sent = 0; sent < 20_000; sent += 1) {
      push(part);
      mostBytes = Math.max(mostBytes, assembler.bufferedBytes());
    }
    expect(mostBytes).toBeLessThanOrEqual(MAX_CODE_BYTES);
    expect(MAX_CODE_BYTES).toBeLessThan(65_536);
  });

  test('a long code that loses its last report gives nothing, and the next one is read', () => {
    fc.assert(
      fc.property(fc.integer({ min: PART_BYTES + 1, max: 900 }), (size) => {
        const { push, scan, wait, expire, codes, drops } = createBench();
        for (const one of parts('y'.repeat(size)).slice(0, -1)) push(one);
        wait(CONTINUED_TIMEOUT_MS + 1);
        expire();
        wait(REPORT_RESYNC_MS);
        scan('after');
        expect([codes, drops]).toEqual([[']Q1after'], ['unterminated']]);
      }),
      { numRuns: 100 },
    );
  });
});
