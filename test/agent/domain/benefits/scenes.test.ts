import { describe, expect, test } from 'vitest';
import type { RuleOutcome } from '../../../../agent/contract/evaluation.ts';
import { evaluationInputSchema } from '../../../../agent/contract/evaluation-input.ts';
import { sceneOf } from '../../../../agent/domain/calendar/scene-of.ts';
import { at, inputOf, memberOf, outcome, rulesOf, run } from '../../../support/benefits.ts';

const effect = { kind: 'fixed-off-order', amountMinor: 100 };
const calendar = {
  from: '2026-09-01',
  to: '2026-12-31',
  memberDays: { everyMonthOn: [8] },
  festivals: [
    {
      id: 'mid-autumn',
      name: { 'zh-CN': '中秋节', en: 'Mid-Autumn' },
      on: { lunar: { month: 8, day: 15 } },
    },
  ],
};

function judge(when: string, day: string, more: object = {}): RuleOutcome {
  const compiled = rulesOf([{ id: 'r', when, effect }], { calendar });
  const now = at(`${day}T10:00:00+08:00`);
  const scene = sceneOf(compiled.ruleSet.calendar, now);
  return outcome(run(compiled, inputOf([['tea', 1, 1_000]], { now, scene, ...more })), 'r');
}

describe('a condition on the scene', () => {
  test.each([
    ['"festival:mid-autumn" in scene.tags', '2026-09-25'],
    ['"festival" in scene.tags', '2026-09-25'],
    ['"member-day" in scene.tags', '2026-10-08'],
    ['"weekend" in scene.tags', '2026-11-21'],
    ['!("weekend" in scene.tags)', '2026-11-20'],
    ['has(scene.tags) && scene.known', '2026-11-20'],
    ['["festival:mid-autumn", "weekend"].exists(one, one in scene.tags)', '2026-11-21'],
  ])('%s holds on %s', (when, day) => {
    expect(judge(when, day).code).toBe('applied');
  });

  test.each([
    [
      '"festival:mid-autumn" in scene.tags',
      '今天不适用，适用于中秋节',
      'Not today; it holds on Mid-Autumn',
    ],
    ['"member-day" in scene.tags', '今天不适用，适用于会员日', 'Not today; it holds on member day'],
    ['!("weekend" in scene.tags)', '周末不适用', 'Not on weekends'],
  ])('%s that fails says which days are meant', (when, zhCN, en) => {
    expect(judge(when, '2026-11-21')).toMatchObject({
      status: 'not-applicable',
      code: 'scene',
      text: { 'zh-CN': zhCN, en },
    });
  });
});

describe('a day that the calendar does not cover', () => {
  test.each([
    '"weekend" in scene.tags',
    '!("weekend" in scene.tags)',
    '!("weekend" in scene.tags || "holiday" in scene.tags)',
    'scene.tags.all(tag, tag != "weekend")',
  ])('gives nothing to %s, and says why', (when) => {
    expect(judge(when, '2027-01-01')).toMatchObject({
      code: 'scene-unknown',
      text: { en: 'The calendar does not cover today' },
    });
  });

  test('leaves the other ways of a condition open', () => {
    const when = '!("weekend" in scene.tags) || member.tier == "gold"';
    expect(judge(when, '2027-01-01', { member: memberOf() }).code).toBe('applied');
    expect(judge(when, '2027-01-01').code).not.toBe('applied');
  });

  test('can be asked for', () => {
    expect(judge('!scene.known', '2027-01-01').code).toBe('applied');
    expect(judge('!has(scene.tags)', '2027-01-01').code).toBe('applied');
  });

  test('is a notice where a rule asks for the scene, and only there', () => {
    const codes = (when: string, day: string): string[] => {
      const compiled = rulesOf([{ id: 'r', when, effect }], { calendar });
      const now = at(`${day}T10:00:00+08:00`);
      const scene = sceneOf(compiled.ruleSet.calendar, now);
      return run(compiled, inputOf([['tea', 1, 1_000]], { now, scene })).notices.map(
        ({ code }) => code,
      );
    };
    expect(codes('"weekend" in scene.tags', '2027-01-01')).toEqual(['scene-unknown']);
    expect(codes('"weekend" in scene.tags', '2026-12-31')).toEqual([]);
    expect(codes('basket.qty >= 1', '2027-01-01')).toEqual([]);
  });
});

describe('a condition on the weather', () => {
  const rain = { weather: { tags: ['rain'] } };
  test.each([
    ['"rain" in weather.tags', rain, 'applied'],
    ['"rain" in weather.tags', { weather: { tags: [] } }, 'weather'],
    ['"rain" in weather.tags', { weather: null }, 'weather'],
    ['!("rain" in weather.tags)', { weather: { tags: [] } }, 'applied'],
    ['!("rain" in weather.tags)', { weather: null }, 'weather'],
    ['!has(weather.tags)', { weather: null }, 'applied'],
  ])('%s with %o is %s', (when, given, code) => {
    expect(judge(when, '2026-11-20', given).code).toBe(code);
  });
});

test('an input stored without scene and weather reads as one that knows neither', () => {
  const { scene: _scene, weather: _weather, ...stored } = inputOf([['tea', 1, 1_000]]);
  const read = evaluationInputSchema.parse(stored);
  expect(read).toMatchObject({ scene: { tags: [], known: false }, weather: null });
});
