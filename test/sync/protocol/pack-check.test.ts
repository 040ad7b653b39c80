import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { type CheckRequest, checkRequestSchema } from '../../../sync/protocol/check.ts';
import {
  packQuestion,
  packReply,
  unpackQuestion,
  unpackReply,
} from '../../../sync/protocol/pack-check.ts';

const bytes = (length: number): Uint8Array => Buffer.alloc(length, 7);
const QUESTIONS: readonly CheckRequest[] = [
  { t: 'roots', roots: [['member', 1_000_000, bytes(16)]] },
  { t: 'nodes', table: 'member', level: 2, parents: bytes(2), sums: bytes(128) },
  {
    t: 'rows',
    table: 'member',
    cursor: { timeline: 'timeline-1', pos: 70_000, chain: 'ab'.repeat(32) },
    buckets: bytes(2),
    wanted: bytes(8),
    own: ['m-1'],
  },
];

describe('a question of a full-volume check', () => {
  test.each(QUESTIONS)('about $t comes out of the bytes as it went in', (question) => {
    expect(checkRequestSchema.parse(unpackQuestion(packQuestion(question)))).toEqual(question);
  });

  test('that finds nothing in a store takes 64 bytes with its answer', () => {
    const question = packQuestion({
      t: 'roots',
      roots: [
        ['member', 1_000_000, bytes(16)],
        ['store', 1, bytes(16)],
      ],
    });
    const answer = packReply('roots', { differ: [] });
    expect(question.length + answer.length).toBeLessThanOrEqual(64);
    expect(unpackReply('roots', answer)).toEqual({ differ: [] });
  });

  test('of a till of protocol 4, which writes the kind out, is understood', () => {
    const old = new Packr({ useRecords: false }).pack(['roots', [['member', 1, bytes(16)]]]);
    expect(checkRequestSchema.parse(unpackQuestion(old))).toEqual({
      t: 'roots',
      roots: [['member', 1, bytes(16)]],
    });
  });

  test.each([3, -1, 0.5, 'root', null, 2 ** 40])('of kind %s is none', (kind) => {
    expect(unpackQuestion(new Packr().pack([kind, []]))).toBeUndefined();
  });
});
