import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStreamParser, MESSAGE_MAX_CHARS } from '../../../../ui/app/register/event-stream.ts';

const STREAM =
  ': heartbeat\n\nevent: message\nid: 1\ndata: {"seq":1}\n\ndata: a\r\ndata: b\r\n\r\nevent: done\rdata:x\r\rretry: 5\n\n';
const MESSAGES = [
  { event: 'message', data: '{"seq":1}' },
  { event: 'message', data: 'a\nb' },
  { event: 'done', data: 'x' },
];

describe('the event stream of the POS API', () => {
  it('is read by its standard: comments, three line ends, several data lines, unknown fields', () => {
    expect(createStreamParser().push(STREAM)).toEqual(MESSAGES);
  });

  it('any cutting into pieces gives the same messages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 }),
        (cuts) => {
          const parser = createStreamParser();
          const ends = [...cuts, STREAM.length].sort((a, b) => a - b);
          let from = 0;
          const got = ends.flatMap((to) => {
            const piece = STREAM.slice(from, to);
            from = to;
            return parser.push(piece);
          });
          expect(got).toEqual(MESSAGES);
        },
      ),
    );
  });

  it('a message that does not end is refused at its limit', () => {
    const parser = createStreamParser();
    expect(parser.push('x'.repeat(MESSAGE_MAX_CHARS))).toEqual([]);
    expect(() => parser.push('x')).toThrow('longer than a register accepts');
  });
});
