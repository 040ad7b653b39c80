import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberSchema } from '../../../../agent/contract/index.ts';
import { isPlainMember } from '../../../../agent/store/snapshot/is-plain-member.ts';
import { testMember } from '../../../support/ledger.ts';

const FIELDS = [...Object.keys(memberSchema.shape), 'shoeSize'];

/** Values that a field might have: right ones, nearly right ones and wrong ones. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    1,
    -1,
    1.5,
    Number.NaN,
    true,
    {},
    [],
    ['a'],
    ['abcd'],
    [1],
    [''],
    [{}],
  ),
  fc.constantFrom<unknown>(
    'active',
    'merged',
    'm-1',
    '13800000001',
    '+8613800000001',
    '000000000000000001',
    '2024-02-29',
    '2024-02-30',
    '2024-12-28',
    '0000-01-01',
  ),
  fc.constantFrom<unknown>(
    '2026-11-21T08:30:00.000Z',
    '2026-11-21T08:30:00Z',
    '2026-11-31T08:30:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T08:30Z',
    'x'.repeat(33),
    'x'.repeat(81),
    'x\n',
    '会员',
  ),
  fc.constantFrom<unknown>(
    1e12,
    900_000_000_000,
    1e9,
    Array(9).fill('abcd'),
    Array(51).fill('a'),
    Array(501).fill('a'),
    [{ kind: 'parking' }],
    [{ kind: '' }],
    [{ kind: 'x', validUntil: '2026-13-01' }],
    Array(51).fill({ kind: 'a' }),
    { '2026-11': 5 },
    { '2026-13': 5 },
    { '2026-11': -1 },
    Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`20${n + 10}-01`, n])),
    { store: '2026-11-21', app: '2026-11-02' },
    { store: '2026-11-31' },
    { post: '2026-11-21' },
  ),
  fc.string(),
);

test('whoever is found plain is a member by the schema, with the same values', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...FIELDS), odd, { maxKeys: 3 }), (changes) => {
      const value: unknown = JSON.parse(JSON.stringify({ ...testMember(1), ...changes }));
      if (!isPlainMember(value)) return;
      const parsed = memberSchema.safeParse(value);
      expect(parsed.success).toBe(true);
      expect(parsed.data).toMatchObject({ memberId: value.memberId, cards: value.cards });
    }),
    { numRuns: 3_000 },
  );
});

test('everyday members are found plain, so that the quick way is the usual one', () => {
  expect([1, 2, 3].every((n) => isPlainMember(testMember(n)))).toBe(true);
  const history = { monthSpendMinor: { '2026-11': 5 }, lastPurchaseOn: { app: '2026-11-02' } };
  expect(isPlainMember({ ...testMember(1), ...history })).toBe(true);
  expect([null, [], 'm-1', { memberId: 'm-1' }].some(isPlainMember)).toBe(false);
});
