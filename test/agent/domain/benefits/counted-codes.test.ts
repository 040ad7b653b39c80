import { expect, test } from 'vitest';
import { countedCodes } from '../../../../agent/domain/benefits/counted-codes.ts';

const GCN = '4006381333931';

test('codes that rules count are told with their uses, of several rules the fewest; leaflet codes are not', () => {
  const rules = [
    { coupon: { code: 'A', uses: { times: 5 } } },
    { coupon: { code: 'A', uses: 'single' as const } },
    { coupon: { code: 'A', uses: { times: 3 } } },
    { coupon: { code: 'LEAFLET', uses: 'unlimited' as const } },
    { coupon: { gcn: GCN, uses: { times: 2 } } },
    {},
  ];
  const codes = ['A', 'LEAFLET', 'B', `255${GCN}77`, GCN, '255400638133393299'];
  expect([...countedCodes(rules, codes)]).toEqual([
    ['A', 1],
    [`255${GCN}77`, 2],
    [`255${GCN}`, 2],
  ]);
  expect(countedCodes(rules, []).size).toBe(0);
});

test('a North American coupon with a serial is counted by it, for the rule that names its offer', () => {
  const offer = '8110614141123456';
  const rules = [
    { coupon: { code: offer, uses: 'single' as const } },
    { coupon: { code: '8112614141123456', uses: { times: 2 } } },
  ];
  const codes = [
    `${offer}/777777`,
    `${offer}/777777777777777`,
    '8112614141123456/000001',
    '8110614141123457/777777',
    `${offer}/77777`,
    `${offer}/7777777777777777`,
  ];
  expect([...countedCodes(rules, codes)]).toEqual([
    [`${offer}/777777`, 1],
    [`${offer}/777777777777777`, 1],
    ['8112614141123456/000001', 2],
  ]);
  expect([...countedCodes(rules, [offer])]).toEqual([[offer, 1]]);
});
