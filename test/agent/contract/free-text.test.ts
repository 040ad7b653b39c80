import { describe, expect, test } from 'vitest';
import {
  basketLineSchema,
  commitRequestSchema,
  joinRequestSchema,
  pairRequestSchema,
  returnRequestSchema,
  toFreeText,
  voidRequestSchema,
} from '../../../agent/contract/index.ts';

const HASH = 'a'.repeat(64);
const LINE = { lineId: 'l1', sku: 'rice', qty: 1, unitPriceMinor: 100 };
const COMMIT = { basketHash: HASH, referenceId: 'R-1' };
const RETURN = {
  returnId: 'r-1',
  saleId: 's-1',
  lines: [{ lineId: 'l1', qty: 1 }],
  referenceId: 'R-1',
  reason: 'torn',
};
const JOIN = { phone: '13800000000', consentVersion: '1', consentChannel: 'paper' };

const FIELDS = [
  ['sku', basketLineSchema, (sku: string) => ({ ...LINE, sku })],
  ['category', basketLineSchema, (category: string) => ({ ...LINE, category })],
  ['referenceId', commitRequestSchema, (referenceId: string) => ({ ...COMMIT, referenceId })],
  [
    'payment.reference',
    commitRequestSchema,
    (reference: string) => ({ ...COMMIT, payment: { paidMinor: 1, reference } }),
  ],
  ['reason', voidRequestSchema, (reason: string) => ({ reason })],
  ['reason', returnRequestSchema, (reason: string) => ({ ...RETURN, reason })],
  ['name', joinRequestSchema, (name: string) => ({ ...JOIN, name })],
  ['name', pairRequestSchema, (name: string) => ({ code: '123456', name })],
] as const;

describe('text that travels to headquarters', () => {
  test.each(FIELDS)(
    'in %s is taken in any language and refused by name with controls',
    (field, schema, of) => {
      for (const fine of ['茶 Tea', '🍵', 'é'])
        expect(schema.safeParse(of(fine)).success, fine).toBe(true);
      for (const bad of [
        'a\0b',
        'a\nb',
        '\u001b[2J',
        'a\u007fb',
        'a\u0085b',
        'a\ud800b',
        '\udc00',
      ]) {
        const read = schema.safeParse(of(bad));
        expect(
          read.error?.issues.map(({ path }) => path.join('.')),
          JSON.stringify(bad),
        ).toEqual([field]);
      }
    },
  );

  test('is made fit by leaving controls out and half characters marked', () => {
    expect(toFreeText('a\0b\r\nc\ud800')).toBe('abc\ufffd');
    expect(toFreeText('茶🍵')).toBe('茶🍵');
  });
});
