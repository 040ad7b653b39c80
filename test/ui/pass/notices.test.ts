import { describe, expect, test } from 'vitest';
import { PASS_RENEW_DAYS } from '../../../sync/protocol/pass.ts';
import { noticesOf, refusalOf } from '../../../ui/pass/notices.ts';
import { CLOCK_TOLD_MS } from '../../../ui/pass/pass.ts';
import type { StoredPass } from '../../../ui/pass/pass-store.ts';
import { whyBroken } from '../../../ui/pass/why-broken.ts';
import { TEST_NOW_MS } from '../../support/store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function notices(aheadMs: number, leftMs = 80 * DAY_MS, heard = true) {
  const facts = { validUntil: new Date(TEST_NOW_MS + leftMs).toISOString() };
  return noticesOf({ facts, aheadMs } as StoredPass, 'en', TEST_NOW_MS, heard);
}

describe('what the pass tells its member', () => {
  test.each([
    [CLOCK_TOLD_MS + 1_000, 'clockFast', '31 s'],
    [-119_000, 'clockSlow', '119 s'],
    [120_000, 'clockFast', '2 min'],
    [2 * HOUR_MS - MINUTE_MS, 'clockFast', '119 min'],
    [-8 * HOUR_MS, 'clockSlow', '8 h'],
    [47 * HOUR_MS, 'clockFast', '47 h'],
    [-4_000 * DAY_MS, 'clockSlow', '4000 days'],
  ] as const)('of a clock that is %i ms ahead: %s %s', (aheadMs, word, n) => {
    expect(notices(aheadMs)).toEqual([{ word, values: { n } }]);
  });

  test('of a clock that tills bear is nothing', () => {
    expect([...notices(CLOCK_TOLD_MS), ...notices(-CLOCK_TOLD_MS)]).toEqual([]);
  });

  test('of the end is the day of it, in the last half of the time in which it renews itself', () => {
    const lastHalfMs = (PASS_RENEW_DAYS / 2) * DAY_MS;
    expect(notices(0, lastHalfMs)).toEqual([]);
    expect(notices(0, lastHalfMs - 1)).toMatchObject([{ word: 'renewSoon' }]);
    expect(notices(0, 0)).toEqual([]);
  });

  test('of a line that is down is that the code works all the same', () => {
    expect(notices(0, 80 * DAY_MS, false)).toEqual([{ word: 'offline' }]);
  });

  test("of a refusal is headquarters' own sentence and remedy, where it has one", () => {
    const [message, hint] = [
      { 'zh-CN': '不', en: 'no' },
      { 'zh-CN': '再试', en: 'again' },
    ];
    expect(refusalOf({ code: 'busy', message, hint })).toEqual([{ text: message }, { text: hint }]);
    expect(refusalOf({ code: 'busy' })).toEqual([{ word: 'wrong' }]);
    expect(refusalOf({ code: 'unreachable' })).toEqual([{ word: 'unreachable' }]);
  });

  test.each([
    [new DOMException('', 'QuotaExceededError'), 'storageFull'],
    [new DOMException('', 'SecurityError'), 'noStorage'],
    [new DOMException('', 'DataCloneError'), 'noStorage'],
    [new DOMException('', 'NotFoundError'), 'wrong'],
    [new TypeError('undefined is no function'), 'wrong'],
    [undefined, 'wrong'],
  ])('of %s is: %s', (error, why) => {
    expect(whyBroken(error)).toBe(why);
  });
});
