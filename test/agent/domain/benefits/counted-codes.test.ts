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
