import { describe, expect, test } from 'vitest';
import type { LunarDay } from '../../../../agent/contract/calendar.ts';
import { addDays } from '../../../../agent/domain/calendar/day.ts';
import { dayInMonth, LUNAR_MONTHS } from '../../../../agent/domain/calendar/lunar-days.ts';

function daysOf(year: string, wanted: LunarDay): (string | null)[] {
  return LUNAR_MONTHS.filter(
    ({ month, leap, from }) =>
      month === wanted.month && leap === wanted.leap && from.startsWith(year),
  ).map((month) => dayInMonth(month, wanted));
}

describe('a lunar day', () => {
  test.each([
    ['Spring Festival', 1, 1, '2024-02-10'],
    ['Spring Festival', 1, 1, '2025-01-29'],
    ['Spring Festival', 1, 1, '2026-02-17'],
    ['Spring Festival', 1, 1, '2027-02-06'],
    ['Spring Festival', 1, 1, '2030-02-03'],
    ['Mid-Autumn', 8, 15, '2025-10-06'],
    ['Mid-Autumn', 8, 15, '2026-09-25'],
    ['Dragon Boat', 5, 5, '2025-05-31'],
    ['Dragon Boat', 5, 5, '2026-06-19'],
  ])('%s (month %i, day %i) is %s', (_, month, day, expected) => {
    expect(daysOf(expected.slice(0, 4), { month, day, leap: false })).toEqual([expected]);
  });

  test('of a leap month is found beside the plain month of the same number', () => {
    expect(daysOf('2025', { month: 6, day: 1, leap: false })).toEqual(['2025-06-25']);
    expect(daysOf('2025', { month: 6, day: 1, leap: true })).toEqual(['2025-07-25']);
    expect(daysOf('2026', { month: 6, day: 1, leap: true })).toEqual([]);
    expect(daysOf('2033', { month: 11, day: 1, leap: true })).toEqual(['2033-12-22']);
  });

  test('30 is missing in a month of 29 days, and the last day is there in every month', () => {
    expect(daysOf('2026-01', { month: 12, day: 30, leap: false })).toEqual([null]);
    expect(daysOf('2026-01', { month: 12, day: 'last', leap: false })).toEqual(['2026-02-16']);
    expect(daysOf('2024-01', { month: 12, day: 'last', leap: false })).toEqual(['2024-02-09']);
  });
});

describe('the table of lunar years', () => {
  test('has no gap and ends each lunar year where the next begins', () => {
    for (const [index, month] of LUNAR_MONTHS.entries()) {
      const next = LUNAR_MONTHS[index + 1];
      if (next === undefined) continue;
      expect(next.from).toBe(addDays(month.to, 1));
      expect([29, 30]).toContain(month.length);
      if (!next.leap) expect(next.month).toBe((month.month % 12) + 1);
    }
  });

  test('differs from the calendar of the engine in two months alone, where new moon is near midnight', () => {
    const engine = new Intl.DateTimeFormat('en-u-ca-chinese', {
      timeZone: 'UTC',
      month: 'numeric',
      day: 'numeric',
    });
    const differing = LUNAR_MONTHS.filter(({ from, month, leap }) => {
      const parts = engine.formatToParts(Date.parse(from));
      const value = (type: string) => parts.find((part) => part.type === type)?.value;
      return value('day') !== '1' || value('month') !== `${month}${leap ? 'bis' : ''}`;
    });
    expect(differing.map(({ from }) => from)).toEqual(['2027-02-06', '2030-02-03']);
  });
});
