import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineParser } from '../../../sync/client/ndjson.ts';

describe('lines of a stream', () => {
  test('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary', maxLength: 12 }).map((s) => `{${s.replaceAll('\n', '')}}`),
        ),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
          const parser = createLineParser(1_000);
          const got: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            const parsed = parser.push(bytes.subarray(at, at + size));
            if (parsed.ok) got.push(...parsed.value);
            at += size;
          }
          expect(got).toEqual(lines.map((line) => Buffer.from(line, 'utf8').toString('utf8')));
          expect(parser.pendingBytes()).toBe(0);
        },
      ),
    );
  });

  test('may be as long as the limit and not a byte longer, ended or not', () => {
    const at = (bytes: number, end: string) =>
      createLineParser(10).push(Buffer.from('x'.repeat(bytes) + end)).ok;
    expect([at(10, '\n'), at(10, ''), at(11, '\n'), at(11, '')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const parser = createLineParser(10);
    expect(parser.push(Buffer.from('x'.repeat(6))).ok).toBe(true);
    expect(parser.push(Buffer.from('x'.repeat(5))).ok).toBe(false);
  });
});
