import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../../agent/contract/index.ts';
import { toInstant } from '../../../agent/contract/index.ts';
import { TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import { basket, openTill, type Rig, ringUp, TEA } from './rig.ts';

/** The test's moment is a Saturday afternoon in Shanghai. */
const rules = (to: string): string => `
ruleSet: scenes
version: 1
currency: CNY
calendar: { from: 2026-11-01, to: ${to} }
rules:
  - id: weekend
    name: { zh-CN: 周末立减一元, en: Weekend 1 yuan off }
    lane: basket
    when: '"weekend" in scene.tags'
    effect: { kind: fixed-off-order, amountMinor: 100 }
  - id: rain
    name: { zh-CN: 雨天立减五角, en: Rain 50 fen off }
    lane: basket
    when: '"rain" in weather.tags'
    effect: { kind: fixed-off-order, amountMinor: 50 }
`;
const HOUR_MS = 3_600_000;

async function evaluate(rig: Rig): Promise<Evaluation> {
  return (await ringUp(rig, null, basket('b', [TEA]))).evaluation;
}
const codeOf = ({ outcomes }: Evaluation, id: string) =>
  outcomes.find(({ ruleId }) => ruleId === id)?.code;

function feedWeather(rig: Rig, ver: number, validForMs: number, storeId: string): void {
  const setting = { tags: ['rain'], validUntil: toInstant(TEST_NOW_MS + validForMs) };
  rig.store.sync.apply([['setting', `weather:${storeId}`, ver, JSON.stringify(setting)]]);
}

describe('a till', () => {
  test('takes the scene of the day from the calendar of its rules', async () => {
    const evaluation = await evaluate(openTill({ rules: rules('2026-11-21') }));
    expect(codeOf(evaluation, 'weekend')).toBe('applied');
    expect(evaluation.notices).toEqual([]);
  });

  test('says so where the calendar has run out, and takes the rest of the benefits', async () => {
    const evaluation = await evaluate(openTill({ rules: rules('2026-11-20') }));
    expect(codeOf(evaluation, 'weekend')).toBe('scene-unknown');
    expect(evaluation.notices.map(({ code }) => code)).toEqual(['scene-unknown']);
  });

  test('goes by the business day of its store after midnight', async () => {
    const rig = openTill({ rules: rules('2026-11-21'), dayEndsAtMinute: 120 });
    rig.time.pass(9 * HOUR_MS);
    expect(codeOf(await evaluate(rig), 'weekend')).toBe('applied');
    rig.time.pass(HOUR_MS / 2);
    expect(codeOf(await evaluate(rig), 'weekend')).toBe('scene-unknown');
  });

  test("reads the weather of its own store until it is out of date, and no other store's", async () => {
    const rig = openTill({ rules: rules('2026-11-21') });
    feedWeather(rig, 1, HOUR_MS, 'elsewhere');
    expect(codeOf(await evaluate(rig), 'rain')).toBe('weather');
    feedWeather(rig, 2, HOUR_MS, TEST_PLACE.store.storeId);
    expect(codeOf(await evaluate(rig), 'rain')).toBe('applied');
    rig.time.pass(HOUR_MS);
    expect(codeOf(await evaluate(rig), 'rain')).toBe('weather');
  });
});
