import { describe, expect, test } from 'vitest';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { businessDay } from '../../../../agent/domain/ledger/business-day.ts';

describe('the business day', () => {
  test.each([
    ['before the end minute belongs to the day before', 2026_11_21, 119, 120, '2026-11-20'],
    ['begins at the end minute', 2026_11_21, 120, 120, '2026-11-21'],
    ['is the calendar day where days end at midnight', 2026_11_21, 0, 0, '2026-11-21'],
    ['goes back over the end of a month', 2026_03_01, 0, 60, '2026-02-28'],
    ['goes back to a leap day', 2028_03_01, 0, 60, '2028-02-29'],
    ['goes back over the end of a year', 2027_01_01, 30, 60, '2026-12-31'],
  ])('%s', (_, date, minuteOfDay, dayEndsAtMinute, day) => {
    expect(businessDay({ date, minuteOfDay }, dayEndsAtMinute)).toBe(day);
  });

  test("goes by the store's own clock", () => {
    const atMs = Date.UTC(2026, 10, 20, 17, 30);
    expect(businessDay(localTime(atMs, 'Asia/Shanghai'), 60)).toBe('2026-11-21');
    expect(businessDay(localTime(atMs, 'Asia/Shanghai'), 120)).toBe('2026-11-20');
    expect(businessDay(localTime(atMs, 'Europe/Berlin'), 0)).toBe('2026-11-20');
  });
});
