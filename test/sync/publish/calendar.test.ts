import { describe, expect, test } from 'vitest';
import {
  CALENDAR_MAX_DAYS,
  CALENDAR_MAX_FESTIVALS,
  FESTIVAL_MAX_AROUND,
  FESTIVAL_MAX_DAYS,
} from '../../../agent/contract/calendar.ts';
import { assert } from '../../../agent/contract/result.ts';
import { type RuleSet, ruleSetSchema } from '../../../agent/contract/rules.ts';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { RuleProblem } from '../../../sync/hq/publish/rule-problem.ts';
import { ruleFile } from '../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 100 };
const name = { 'zh-CN': '节', en: 'Day' };
const YEAR = { from: '2026-01-01', to: '2026-12-31' };

function publish(calendar: object, rules: readonly object[] = []) {
  return publishRules(ruleFile(rules as Record<string, unknown>[], { calendar }));
}

function daysOf(calendar: object): NonNullable<RuleSet['calendar']>['days'] {
  const published = publish(calendar);
  assert(published.ok, JSON.stringify(published));
  const { calendar: resolved } = ruleSetSchema.parse(published.value.ruleSet);
  assert(resolved !== undefined, 'the set has a calendar');
  return resolved.days;
}

function problemsOf(calendar: object, rules: readonly object[] = []): readonly RuleProblem[] {
  const published = publish(calendar, rules);
  return published.ok ? published.value.warnings : published.error;
}

describe('a published calendar', () => {
  test('holds every covered day and no other', () => {
    const days = Object.keys(daysOf({ from: '2026-02-27', to: '2026-03-02' }));
    expect(days).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
  });

  test('tells weekends, swapped days, days off and member days apart', () => {
    const days = daysOf({
      ...YEAR,
      memberDays: { everyMonthOn: [8], weekdays: [3] },
      workdays: ['2026-02-14'],
      holidays: ['2026-02-17', '2026-02-21'],
    });
    expect(days['2026-02-13']).toEqual(['workday']);
    expect(days['2026-02-14']).toEqual(['workday']);
    expect(days['2026-02-15']).toEqual(['weekend']);
    expect(days['2026-02-17']).toEqual(['holiday']);
    expect(days['2026-02-21']).toEqual(['weekend', 'holiday']);
    expect(days['2026-02-08']).toEqual(['weekend', 'member-day']);
    expect(days['2026-02-11']).toEqual(['workday', 'member-day']);
  });

  test('has the days around a festival, also of one that lies just outside', () => {
    const days = daysOf({
      from: '2026-02-18',
      to: '2026-09-24',
      festivals: [
        { id: 'spring', name, on: { lunar: { month: 1, day: 1 } }, daysAfter: 2 },
        { id: 'mid-autumn', name, on: { lunar: { month: 8, day: 15 } }, daysBefore: 1 },
        { id: 'birthday-of-the-chain', name, on: ['2026-05-20', '2026-06-20'] },
      ],
    });
    const festive = Object.entries(days).filter(([, tags]) => tags.includes('festival'));
    expect(festive.map(([day, tags]) => [day, tags.at(-1)])).toEqual([
      ['2026-02-18', 'festival:spring'],
      ['2026-02-19', 'festival:spring'],
      ['2026-05-20', 'festival:birthday-of-the-chain'],
      ['2026-06-20', 'festival:birthday-of-the-chain'],
      ['2026-09-24', 'festival:mid-autumn'],
    ]);
  });

  test('gives a festival of one lunar year to every year that it covers', () => {
    const festivals = [{ id: 'spring', name, on: { lunar: { month: 1, day: 1 } } }];
    const days = daysOf({ from: '2025-01-01', to: '2027-12-31', festivals });
    const found = Object.keys(days).filter((day) => days[day]?.includes('festival:spring'));
    expect(found).toEqual(['2025-01-29', '2026-02-17', '2027-02-06']);
  });
});

describe('a calendar with a mistake', () => {
  const festival = (on: unknown) => ({ ...YEAR, festivals: [{ id: 'f', name, on }] });
  test.each<[string, object, Partial<RuleProblem>]>([
    [
      'that ends before it begins',
      { from: '2026-12-31', to: '2026-01-01' },
      { severity: 'error', code: 'calendar-range', field: 'calendar.to' },
    ],
    [
      'with a day that does not exist',
      { from: '2026-02-30', to: '2026-12-31' },
      { severity: 'error', code: 'schema', field: 'calendar.from' },
    ],
    [
      'with swaps that overlap',
      { ...YEAR, workdays: ['2026-02-14'], holidays: ['2026-02-14'] },
      { severity: 'error', code: 'calendar-overlap', field: 'calendar.holidays.0' },
    ],
    [
      'with a swap outside',
      { ...YEAR, holidays: ['2027-01-01'] },
      { severity: 'warning', code: 'calendar-day', field: 'calendar.holidays.0' },
    ],
    [
      'with a worked day that is no weekend',
      { ...YEAR, workdays: ['2026-02-13'] },
      { severity: 'warning', code: 'calendar-day', field: 'calendar.workdays.0' },
    ],
    [
      'with a member day that some months lack',
      { ...YEAR, memberDays: { everyMonthOn: [29] } },
      { severity: 'warning', code: 'calendar-day', field: 'calendar.memberDays.everyMonthOn.0' },
    ],
    [
      'with a festival outside',
      festival('2027-01-01'),
      { severity: 'warning', code: 'calendar-day', field: 'calendar.festivals.0.on' },
    ],
    [
      'with a lunar day that the year has not',
      festival({ lunar: { month: 12, day: 30 } }),
      { severity: 'warning', code: 'lunar-day', field: 'calendar.festivals.0.on' },
    ],
    [
      'with a leap month that the year has not',
      festival({ lunar: { month: 6, day: 1, leap: true } }),
      { severity: 'warning', code: 'lunar-day', field: 'calendar.festivals.0.on' },
    ],
    [
      'with a lunar day in a year that nobody has worked out',
      {
        from: '2051-06-01',
        to: '2051-12-31',
        festivals: [{ id: 'f', name, on: { lunar: { month: 8, day: 15 } } }],
      },
      { severity: 'error', code: 'calendar-range', field: 'calendar.festivals.0.on' },
    ],
    [
      'with one festival twice',
      {
        ...YEAR,
        festivals: [
          { id: 'f', name, on: '2026-05-01' },
          { id: 'f', name, on: '2026-06-01' },
        ],
      },
      { severity: 'error', code: 'repeated-id', field: 'calendar.festivals.1.id' },
    ],
  ])('%s is reported with its place', (_, calendar, expected) => {
    const problems = problemsOf(calendar);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(expected);
    expect(problems[0]?.column).toBeGreaterThan(1);
  });

  test('is found at its line', () => {
    const source = [
      'ruleSet: demo',
      'version: 1',
      'currency: CNY',
      'calendar:',
      '  from: 2026-01-01',
      '  to: 2026-12-31',
      '  holidays: [2027-01-01]',
      'rules: []',
    ].join('\n');
    const published = publishRules(source);
    assert(published.ok, JSON.stringify(published));
    expect(published.value.warnings).toMatchObject([{ line: 7, column: 14 }]);
  });
});

describe('a rule that asks for a scene', () => {
  const asks = (tag: string, more: object = {}) => [
    { id: 'r', when: `"${tag}" in scene.tags`, effect, ...more },
  ];
  const codes = (problems: readonly RuleProblem[]) =>
    problems.map(({ code, field }) => `${code} ${field}`);

  test('is reported where the file has no calendar', () => {
    const published = publishRules(ruleFile(asks('weekend')));
    assert(published.ok, JSON.stringify(published));
    expect(codes(published.value.warnings)).toContain('calendar-missing rules.0.when');
  });

  test('is reported where its window leaves the calendar', () => {
    const window = { from: '2026-01-01', to: '2027-01-01T12:00' };
    expect(codes(problemsOf(YEAR, asks('weekend', { window })))).toContain(
      'calendar-gap rules.0.window.to',
    );
    const inside = { from: '2026-01-01', to: '2026-12-31' };
    expect(codes(problemsOf(YEAR, asks('weekend', { window: inside })))).toEqual([]);
  });

  test('is reported where no day has the scene', () => {
    expect(codes(problemsOf(YEAR, asks('weekends')))).toContain('unknown-scene rules.0.when');
    expect(codes(problemsOf(YEAR, asks('holiday')))).toEqual([]);
  });
});

describe('a calendar at its limit', () => {
  const until = (days: number) => ({ from: '2026-01-01', to: addDays('2026-01-01', days - 1) });
  const festivals = (count: number) => ({
    ...YEAR,
    festivals: Array.from({ length: count }, (_, n) => ({ id: `f${n}`, name, on: '2026-05-01' })),
  });
  const daysWritten = (count: number) => ({
    ...YEAR,
    festivals: [
      {
        id: 'f',
        name,
        on: Array.from({ length: count }, (_, n) => addDays('2026-01-01', n)),
      },
    ],
  });
  const around = (count: number) => ({
    ...YEAR,
    festivals: [{ id: 'f', name, on: '2026-05-01', daysBefore: count }],
  });
  test.each<[string, number, (count: number) => object]>([
    ['days', CALENDAR_MAX_DAYS, until],
    ['festivals', CALENDAR_MAX_FESTIVALS, festivals],
    ['days of one festival', FESTIVAL_MAX_DAYS, daysWritten],
    ['days around a festival', FESTIVAL_MAX_AROUND, around],
  ])('takes so many %s and no more', (_, limit, calendar) => {
    const published = publish(calendar(limit));
    assert(published.ok, JSON.stringify(published).slice(0, 500));
    expect(ruleSetSchema.safeParse(published.value.ruleSet).success).toBe(true);
    expect(publish(calendar(limit + 1)).ok).toBe(false);
  });
});
