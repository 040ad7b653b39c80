import { describe, expect, test } from 'vitest';
import { memberSchema } from '../../../../agent/contract/member.ts';
import { businessDate, localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { memberFacts } from '../../../../agent/domain/benefits/member-facts.ts';
import { inputOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 100 };

/** Saturday 2026-11-21, 01:30 in Shanghai. */
const NIGHT = Date.parse('2026-11-21T01:30:00+08:00');
const late = localTime(NIGHT, 'Asia/Shanghai', 120);

function codeOf(rule: object, now = late): string {
  const compiled = rulesOf([{ id: 'r', effect, ...rule }]);
  return outcome(run(compiled, inputOf([['tea', 1, 1_000]], { now })), 'r').code;
}

describe('at 01:30 in a store whose day ends at 02:00', () => {
  test('the wall clock stands beside the business day before', () => {
    expect(late).toEqual({
      date: 2026_11_21,
      weekday: 6,
      month: 11,
      day: 21,
      secondOfDay: 5_400,
      minuteOfDay: 90,
      businessDay: { date: 2026_11_20, weekday: 5, month: 11, day: 20 },
    });
  });

  test.each([
    ['now.date == 20261120', 'applied'],
    ['now.date == 20261121', 'wrong-date'],
    ['now.day == 20 && now.month == 11', 'applied'],
    ['now.weekday == 5', 'applied'],
    ['now.minuteOfDay == 90', 'applied'],
  ])('%s is %s', (when, code) => {
    expect(codeOf({ when })).toBe(code);
  });

  test.each([
    ['a whole day', { from: '2026-11-20', to: '2026-11-20' }, 'applied'],
    ['the day after', { from: '2026-11-21' }, 'not-started'],
    ['a moment of the wall clock', { from: '2026-11-21T01:00' }, 'applied'],
    ['a last moment of the wall clock', { to: '2026-11-20T23:59:59' }, 'expired'],
    ['Fridays', { weekdays: [5] }, 'applied'],
    ['Saturdays', { weekdays: [6] }, 'wrong-weekday'],
    ['Friday night', { weekdays: [5], daily: { from: '22:00', to: '02:00' } }, 'applied'],
    ['Friday until one', { weekdays: [5], daily: { from: '22:00', to: '01:00' } }, 'wrong-time'],
  ])('a window of %s %o is %s', (_, window, code) => {
    expect(codeOf({ window })).toBe(code);
  });
});

describe('the business day', () => {
  test('is the calendar day from the minute at which the day ends', () => {
    const at = (instant: string) => localTime(Date.parse(instant), 'Asia/Shanghai', 120);
    expect(businessDate(at('2026-11-21T01:59:59+08:00')).date).toBe(2026_11_20);
    expect(at('2026-11-21T02:00:00+08:00')).not.toHaveProperty('businessDay');
  });

  test('goes back over a month, a year and a Monday', () => {
    const first = localTime(Date.parse('2024-01-01T00:30:00+08:00'), 'Asia/Shanghai', 60);
    expect(first.businessDay).toEqual({ date: 2023_12_31, weekday: 7, month: 12, day: 31 });
    const march = localTime(Date.parse('2024-03-01T00:30:00+08:00'), 'Asia/Shanghai', 60);
    expect(march.businessDay).toMatchObject({ date: 2024_02_29 });
  });

  test.each([
    // Clocks go from 03:00 back to 02:00: half past two comes twice and is before the end of the day both times.
    ['2026-10-25T00:30:00Z', 180, 2026_10_24],
    ['2026-10-25T01:30:00Z', 180, 2026_10_24],
    ['2026-10-25T02:00:00Z', 180, 2026_10_25],
    // Clocks go from 02:00 to 03:00: a day that ends at 02:30 ends with the hour that is left out.
    ['2026-03-29T00:59:59Z', 150, 2026_03_28],
    ['2026-03-29T01:00:00Z', 150, 2026_03_29],
  ])('of Berlin at %s with the end at minute %i is %i', (instant, ends, date) => {
    const now = localTime(Date.parse(instant), 'Europe/Berlin', ends);
    expect(businessDate(now).date).toBe(date);
  });
});

describe('a birthday', () => {
  const facts = (birthday: string, instant: string, ends = 120) =>
    memberFacts(
      memberSchema.parse({
        memberId: 'm',
        name: 'M',
        tier: 'gold',
        birthday,
        updatedAt: '2026-01-01T00:00:00Z',
      }),
      localTime(Date.parse(instant), 'Asia/Shanghai', ends),
    );

  test('begins at midnight and lasts until the business day ends', () => {
    const today = (instant: string) => facts('1990-11-21', instant).birthdayToday;
    expect(today('2026-11-20T23:59:59+08:00')).toBe(false);
    expect(today('2026-11-21T00:00:00+08:00')).toBe(true);
    expect(today('2026-11-22T01:59:59+08:00')).toBe(true);
    expect(today('2026-11-22T02:00:00+08:00')).toBe(false);
  });

  test('on 29 February is kept on the 28th in years without one, to the end of that business day', () => {
    const today = (instant: string) => facts('2000-02-29', instant).birthdayToday;
    expect(today('2027-02-28T12:00:00+08:00')).toBe(true);
    expect(today('2027-03-01T01:30:00+08:00')).toBe(true);
    expect(today('2027-03-01T02:00:00+08:00')).toBe(false);
    expect(today('2028-02-28T12:00:00+08:00')).toBe(false);
    expect(today('2028-02-29T12:00:00+08:00')).toBe(true);
    expect(today('2028-03-01T01:30:00+08:00')).toBe(true);
  });

  test('counts for its month until the business day of its last day ends', () => {
    const month = (instant: string) => facts('1990-11-05', instant).birthdayMonth;
    expect(month('2026-11-01T00:00:00+08:00')).toBe(true);
    expect(month('2026-12-01T01:30:00+08:00')).toBe(true);
    expect(month('2026-12-01T02:00:00+08:00')).toBe(false);
  });
});
