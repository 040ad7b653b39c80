import { describe, expect, test } from 'vitest';
import { COUPON_MAX_TIMES } from '../../../agent/contract/rules.ts';
import { PARTNER_MAX_KEYS, PARTNERS_MAX } from '../../../agent/contract/voucher.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../support/benefits.ts';
import { cinema } from '../../support/vouchers.ts';

type Fields = Record<string, unknown>;

const GCN = '4006381333931';
const tickets = { partner: 'cinema', campaign: 'tickets' };
const rule = (id: string, more: Fields): Fields => ({
  id,
  lane: 'coupon',
  effect: { kind: 'fixed-off-order', amountMinor: 100 },
  ...more,
});
const value = (id: string, more: Fields = {}): Fields =>
  rule(id, { voucher: tickets, effect: { kind: 'voucher-value' }, ...more });

/** Severity, code, rule and field of every problem; none = published without one. */
function problems(rules: readonly Fields[], partners: readonly Fields[] = [cinema()]): string[] {
  const published = publishRules(ruleFile(rules, { partners }));
  const found = published.ok ? published.value.warnings : published.error;
  for (const { message, remedy } of found)
    expect([message['zh-CN'], message.en, remedy['zh-CN'], remedy.en]).not.toContain('');
  return found.map(({ severity, code, ruleId, field }) =>
    [severity, code, ruleId ?? '-', field ?? '-'].join(' '),
  );
}

describe('a rule that asks for a coupon or a voucher', () => {
  test('is published in each of its forms', () => {
    expect(
      problems([
        rule('code', { coupon: { code: 'TEN', uses: 'single' } }),
        rule('times', { coupon: { code: 'MANY', uses: { times: COUPON_MAX_TIMES } } }),
        rule('gcn', { coupon: { gcn: GCN, uses: 'single' } }),
        value('value'),
      ]),
    ).toEqual([]);
  });

  test.each<[string, Fields, string]>([
    ['a code and a GCN', { coupon: { code: 'A', gcn: GCN, uses: 'single' } }, 'schema'],
    ['neither', { coupon: { uses: 'single' } }, 'schema'],
    ['a GCN that is too short', { coupon: { gcn: GCN.slice(1), uses: 'single' } }, 'schema'],
    ['a use in words', { coupon: { code: 'A', uses: 'twice' } }, 'schema'],
    ['no use', { coupon: { code: 'A', uses: { times: 0 } } }, 'schema'],
    [
      'a use more than is counted',
      { coupon: { code: 'A', uses: { times: COUPON_MAX_TIMES + 1 } } },
      'schema',
    ],
    ['a wrong check digit', { coupon: { gcn: '4006381333932', uses: 'single' } }, 'coupon-form'],
    [
      'a coupon number as its code',
      { coupon: { code: `255${GCN}`, uses: 'single' } },
      'coupon-form',
    ],
    [
      'a code of the kind that stands for GCN',
      { coupon: { code: 'gcn:1', uses: 'single' } },
      'coupon-form',
    ],
    [
      'a name of a voucher as its code',
      { coupon: { code: 'voucher:cinema:V-1', uses: 'single' } },
      'coupon-form',
    ],
    ['both', { coupon: { code: 'A', uses: 'single' }, voucher: tickets }, 'coupon-form'],
    [
      'a partner that is not there',
      { voucher: { ...tickets, partner: 'circus' } },
      'unknown-partner',
    ],
    ['a face value and no voucher', { effect: { kind: 'voucher-value' } }, 'effect-values'],
    [
      'a face value in another lane',
      { voucher: tickets, lane: 'basket', effect: { kind: 'voucher-value' } },
      'wrong-lane',
    ],
  ])('with %s is refused, and the place is named', (_what, more, code) => {
    const found = problems([rule('r', more)]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^error ${code} r rules\\.0\\.`));
  });

  test('takes a face value that no other rule takes, unless one of the two wins', () => {
    const twice = 'error voucher-value-twice b rules.1.voucher';
    expect(problems([value('a'), value('b')])).toEqual([twice]);
    const group = { group: 'one' };
    const gold = { ...group, when: 'member.tier == "gold"' };
    expect(problems([value('a', gold), value('b', { ...group, priority: 1 })])).not.toContain(
      twice,
    );
  });

  test('shares its code with another rule only with a warning: one coupon brings both', () => {
    const coupon = { gcn: GCN, uses: 'single' };
    expect(problems([rule('a', { coupon }), rule('b', { coupon })])).toEqual([
      'warning coupon-code-shared b rules.1.coupon.code',
    ]);
  });
});

describe('a code that two rules ask for', () => {
  const asked = (uses: unknown, code: Fields = { code: 'WEL' }) => ({ coupon: { ...code, uses } });

  test.each<[string, Fields, Fields]>([
    ['single and unlimited', asked('single'), asked('unlimited')],
    ['so often and unlimited', asked({ times: 3 }), asked('unlimited')],
    ['so often and another often', asked({ times: 3 }), asked({ times: 4 })],
    ['of a GCN', asked('unlimited', { gcn: GCN }), asked('single', { gcn: GCN })],
  ])('has the same uses in both: %s is refused', (_what, one, other) => {
    expect(problems([rule('a', one), rule('b', other)])).toContain(
      'error coupon-uses-mixed b rules.1.coupon.uses',
    );
  });

  test('is taken with the same uses in both', () => {
    const found = problems([rule('a', asked({ times: 3 })), rule('b', asked({ times: 3 }))]);
    expect(found.join()).not.toContain('coupon-uses-mixed');
  });
});

describe('partners', () => {
  const key = cinema().keys[0];

  test.each<[string, Fields[], string]>([
    ['the same partner twice', [cinema(), cinema()], 'error partner-repeated - partners.1.id'],
    [
      'the same key twice',
      [cinema({ keys: [key, key] })],
      'error partner-repeated - partners.0.keys.1.keyId',
    ],
    ['no key', [cinema({ keys: [] })], 'error schema - partners.0.keys'],
    [
      'a key of another kind',
      [cinema({ keys: [{ keyId: 'k1', publicKey: 'MFkwEwYHKoZIzj0CAQY=' }] })],
      'error schema - partners.0.keys.0.publicKey',
    ],
    [
      'a wish that there is not',
      [cinema({ offline: 'maybe' })],
      'error schema - partners.0.offline',
    ],
    ['an id in capitals', [cinema({ id: 'Cinema' })], 'error schema - partners.0.id'],
  ])('with %s are refused, and the place is named', (_what, partners, problem) => {
    expect(problems([], partners)).toEqual([problem]);
  });

  test('whose keys are all revoked are warned of, where a rule rests on them', () => {
    const partners = [cinema({ keys: [{ ...key, revoked: true }] })];
    expect(problems([value('v')], partners)).toEqual([
      'warning never-holds v rules.0.voucher.partner',
    ]);
    expect(problems([], partners)).toEqual([]);
  });

  test.each([
    [PARTNERS_MAX, 1],
    [1, PARTNER_MAX_KEYS],
  ])('are at most so many, with at most so many keys: %i and %i', (partners, keys) => {
    const of = (partnerCount: number, keyCount: number) =>
      Array.from({ length: partnerCount }, (_, n) =>
        cinema({
          id: `p${n}`,
          keys: Array.from({ length: keyCount }, (__, nth) => ({ ...key, keyId: `k${nth}` })),
        }),
      );
    expect(problems([], of(partners, keys))).toEqual([]);
    const more = partners === 1 ? of(partners, keys + 1) : of(partners + 1, keys);
    expect(problems([], more)).toHaveLength(1);
  });
});
