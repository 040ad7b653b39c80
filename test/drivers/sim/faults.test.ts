import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { codeDamages } from '../../../drivers/contract/device.ts';
import { faultNames, parseScenario } from '../../../drivers/sim/scenario.ts';
import { MID_CODE_UNPLUG_MS, SPLIT_PAUSE_MS } from '../../../drivers/sim/simulation.ts';
import { createFixture } from '../scanner/fixture.ts';

const CODE = ']E06901234567892';

const play = async (...steps: readonly object[]) => {
  const fixture = createFixture();
  await fixture.startReady();
  const played = fixture.driver.simulation?.play(steps);
  await fixture.env.advance(60_000);
  expect(await played).toEqual({ ok: true, value: { steps: steps.length } });
  const drops = fixture.errors().flatMap((event) => event.drop ?? []);
  return { ...fixture, drops };
};

describe('a simulated scanner', () => {
  test('whose code is split by a pause that is allowed is read whole', async () => {
    const { texts, drops, scans } = await play({ afterMs: 0, text: CODE, damage: 'split' });
    expect([texts(), drops]).toEqual([['6901234567892'], []]);
    expect(scans()[0]?.at.monoMs).toBe(60 + SPLIT_PAUSE_MS);
  });

  test('whose code comes twice at once scans once, and counts the duplicate', async () => {
    const { texts, driver } = await play({ afterMs: 0, text: CODE, damage: 'duplicate' });
    expect(texts()).toEqual(['6901234567892']);
    expect(driver.statistics()).toMatchObject({ scans: 1, duplicates: 1 });
  });

  test('with noise before a code loses that code and reads the next', async () => {
    const { texts, drops } = await play(
      { afterMs: 0, text: CODE, damage: 'garbage-prefix' },
      { afterMs: 600, text: 'NEXT' },
    );
    expect([texts(), drops]).toEqual([['NEXT'], ['garbage']]);
  });

  test('unplugged mid-code loses that code, comes back and reads the next', async () => {
    const { texts, drops, states } = await play(
      { afterMs: 0, text: CODE, damage: 'unplug-mid-code' },
      { afterMs: MID_CODE_UNPLUG_MS, text: 'NEXT' },
    );
    expect([texts(), drops]).toEqual([['NEXT'], ['unplugged']]);
    expect(states().slice(-4)).toEqual(['absent', 'present', 'claiming', 'ready']);
  });

  test('that is stuck is told once, holds no code, and reads when it stops', async () => {
    const { texts, drops } = await play(
      { afterMs: 0, fault: 'stuck', forMs: 3_000 },
      { afterMs: 600, text: 'NEXT' },
    );
    expect([texts(), drops]).toEqual([['NEXT'], ['over-long']]);
  });

  test('takes a damage with one injected code, too', async () => {
    const { driver, env, startReady, texts } = createFixture();
    await startReady();
    driver.simulation?.inject('A', 'split');
    await env.advance(SPLIT_PAUSE_MS);
    expect(texts()).toEqual(['A']);
  });
});

describe('the shipped scenarios', () => {
  const scenario = async (name: string): Promise<readonly Record<string, unknown>[]> =>
    JSON.parse(
      await readFile(
        new URL(`../../../drivers/sim/scenarios/${name}.json`, import.meta.url),
        'utf8',
      ),
    );

  test('the bad day has every damage and every fault in it, and all that can be read is read', async () => {
    const steps = await scenario('bad-day');
    expect(parseScenario(steps).ok).toBe(true);
    expect(new Set(steps.flatMap((step) => step['damage'] ?? []))).toEqual(new Set(codeDamages));
    expect(new Set(steps.flatMap((step) => step['fault'] ?? []))).toEqual(new Set(faultNames));
    const { texts, drops, driver } = await play(...steps);
    expect(texts()).toEqual([
      'https://id.example.com/8018/401234523435439653',
      '6901234567892',
      '25501234567890123456',
      'AFTER-NOISE',
      'AFTER-UNPLUG',
      'AFTER-STALL',
      'AFTER-STUCK',
    ]);
    expect(drops).toEqual(['garbage', 'unplugged', 'garbage', 'unterminated', 'over-long']);
    expect(driver.state()).toBe('ready');
  });

  test('a code has an end or a damage, not both', () => {
    expect(parseScenario([{ afterMs: 0, text: 'A', end: false, damage: 'split' }])).toMatchObject({
      ok: false,
      error: [{ field: 'steps[0].damage', code: 'wrong-value' }],
    });
  });
});
