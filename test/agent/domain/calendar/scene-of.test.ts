import { describe, expect, test } from 'vitest';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { SCENE_UNKNOWN, sceneOf } from '../../../../agent/domain/calendar/scene-of.ts';
import { weatherOf } from '../../../../agent/domain/calendar/weather-of.ts';

const calendar = {
  festivals: [],
  days: { '2026-11-20': ['workday'], '2026-11-21': ['weekend'] },
};
const at = (instant: string, dayEndsAtMinute = 0) =>
  localTime(Date.parse(instant), 'Asia/Shanghai', dayEndsAtMinute);

describe('the scene', () => {
  test('is that of the business day, which after midnight is still the day before', () => {
    const scene = (ends: number) => sceneOf(calendar, at('2026-11-21T01:30:00+08:00', ends));
    expect(scene(120)).toEqual({ tags: ['workday'], known: true });
    expect(scene(90)).toEqual({ tags: ['weekend'], known: true });
  });

  test('is not known outside the calendar and without one', () => {
    expect(sceneOf(calendar, at('2026-11-22T10:00:00+08:00'))).toEqual(SCENE_UNKNOWN);
    expect(sceneOf(undefined, at('2026-11-21T10:00:00+08:00'))).toEqual(SCENE_UNKNOWN);
  });
});

describe('the weather', () => {
  const until = Date.parse('2026-11-21T12:00:00Z');
  const body = JSON.stringify({ tags: ['rain'], validUntil: '2026-11-21T20:00:00+08:00' });

  test('counts until it is out of date, to the millisecond', () => {
    expect(weatherOf(body, until - 1)).toEqual({ tags: ['rain'] });
    expect(weatherOf(body, until)).toBeNull();
  });

  test('is not known where none was fed, or in a form that this version cannot read', () => {
    expect(weatherOf(undefined, 0)).toBeNull();
    expect(weatherOf('{"tags":"rain"}', 0)).toBeNull();
  });
});
