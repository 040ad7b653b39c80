import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  MAX_SCENARIO_STEPS,
  MAX_STEP_BYTES,
  parseScenario,
} from '../../../drivers/sim/scenario.ts';
import { createFixture } from '../scanner/fixture.ts';

const morning = async (): Promise<unknown> =>
  JSON.parse(
    await readFile(new URL('../../../drivers/sim/scenarios/morning.json', import.meta.url), 'utf8'),
  );

const problemsOf = (scenario: unknown): string[] => {
  const parsed = parseScenario(scenario);
  return parsed.ok ? [] : parsed.error.map((problem) => `${problem.field} ${problem.code}`);
};

describe('a scenario file', () => {
  test.each([
    ['a step without anything to do', [{ afterMs: 1 }], ['steps[0] missing']],
    [
      'a step with two things to do',
      [{ afterMs: 1, text: 'A', hex: '41' }],
      ['steps[0] wrong-value'],
    ],
    ['half a byte', [{ afterMs: 1, hex: '4' }], ['steps[0].hex wrong-value']],
    [
      'a byte above 255',
      [
        { afterMs: 1, text: 'A' },
        { afterMs: 1, bytes: [256] },
      ],
      ['steps[1].bytes[0] out-of-range'],
    ],
    ['an unknown fault', [{ afterMs: 1, fault: 'fire' }], ['steps[0].fault wrong-value']],
    ['a step without its time', [{ text: 'A' }], ['steps[0].afterMs missing']],
    ['an unknown field', [{ afterMs: 1, text: 'A', loud: true }], ['steps[0].loud unknown-field']],
    ['no list', { steps: [] }, ['steps wrong-type']],
    [
      'text above the limit',
      [{ afterMs: 0, text: 'x'.repeat(MAX_STEP_BYTES + 1) }],
      ['steps[0].text out-of-range'],
    ],
  ])('with %s is refused by step and field', (_, scenario, expected) => {
    expect(problemsOf(scenario)).toEqual(expected);
  });

  test('takes steps up to its limit', () => {
    const steps = Array.from({ length: MAX_SCENARIO_STEPS }, () => ({ afterMs: 0, text: 'A' }));
    expect(problemsOf(steps)).toEqual([]);
    expect(problemsOf([...steps, { afterMs: 0, text: 'A' }])).toEqual(['steps out-of-range']);
  });
});

describe('the simulated scanner', () => {
  test('plays the shipped morning through the real framer: codes, garbage, a pulled cable, a stall', async () => {
    const { driver, env, startReady, texts, errors, states } = createFixture();
    await startReady();
    const played = driver.simulation?.play(await morning());
    await env.advance(60_000);
    expect(await played).toEqual({ ok: true, value: { steps: 10 } });
    expect(texts()).toEqual([
      '6901234567892',
      '8018401234523435439653',
      'CP-SPRING10',
      '4006381',
      '6901234567892',
      '6901234567892',
    ]);
    expect(errors().flatMap((event) => event.drop ?? [])).toEqual(['garbage', 'unplugged']);
    expect(states()).toEqual([
      'present',
      'claiming',
      'ready',
      'absent',
      'present',
      'claiming',
      'ready',
    ]);
  });

  test('injected text enters before the parser, so it is framed and its AIM identifier is split off', async () => {
    const { driver, startReady, scans } = createFixture({ line: { terminator: 'crlf' } });
    await startReady();
    driver.simulation?.inject(']Q1https://id.example.com/8018/401234523435439653');
    expect(scans()).toMatchObject([{ aim: ']Q1', symbology: 'qr', source: 'simulated' }]);
  });

  test('refuses a faulty scenario whole, and a second one while one is playing', async () => {
    const { driver, env, startReady, texts } = createFixture();
    await startReady();
    expect(
      await driver.simulation?.play([{ afterMs: 0, text: 'A' }, { afterMs: 0 }]),
    ).toMatchObject({ ok: false, error: { code: 'E_ILLEGAL' } });
    expect(texts()).toEqual([]);
    const first = driver.simulation?.play([{ afterMs: 100, text: 'A' }]);
    expect(await driver.simulation?.play([])).toMatchObject({
      ok: false,
      error: { code: 'E_BUSY' },
    });
    await env.advance(100);
    expect(await first).toMatchObject({ ok: true });
    expect(texts()).toEqual(['A']);
  });
});
