import { describeProblems } from '../contract/config-problem.ts';
import type { Driver, Simulation } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { err, ok } from '../contract/result.ts';
import { createScannerDriver, type ScannerDefinition } from '../scanner/scanner-driver.ts';
import { DEFAULT_FAULT_MS, parseScenario, type ScenarioStep } from './scenario.ts';
import { createSimTransport, type SimTransport } from './sim-transport.ts';

const NOISE_BYTES = 16;
const CR = 0x0d;
const LF = 0x0a;

const terminatorBytes = (definition: ScannerDefinition): readonly number[] => {
  switch (definition.line?.terminator ?? 'any') {
    case 'lf':
      return [LF];
    case 'crlf':
      return [CR, LF];
    case 'any':
    case 'cr':
      return [CR];
  }
};

const simulate = (
  definition: ScannerDefinition,
  line: SimTransport,
  env: DriverEnv,
): Simulation => {
  const end = terminatorBytes(definition);
  let playing = false;

  const wait = (delayMs: number): Promise<void> =>
    delayMs === 0
      ? Promise.resolve()
      : new Promise((resolve) => void env.timers.set(resolve, delayMs));

  const sendText = (text: string, withEnd: boolean): void =>
    line.send(Uint8Array.from([...new TextEncoder().encode(text), ...(withEnd ? end : [])]));

  /** Noise is all control characters, so that it never looks like a code by chance. */
  const noise = (): Uint8Array =>
    Uint8Array.from([
      ...Array.from({ length: NOISE_BYTES }, () => 1 + Math.floor(env.random() * 8)),
      ...end,
    ]);

  const faults: Readonly<Record<'unplug' | 'garbage' | 'stall', (forMs: number) => Promise<void>>> =
    {
      async unplug(forMs) {
        line.unplug();
        await wait(forMs);
        line.plug();
      },
      async garbage() {
        line.send(noise());
      },
      async stall(forMs) {
        line.stall(forMs);
        await wait(forMs);
      },
    };

  const perform = async (step: ScenarioStep): Promise<void> => {
    await wait(step.afterMs);
    if ('text' in step) sendText(step.text, step.end ?? true);
    else if ('bytes' in step) line.send(Uint8Array.from(step.bytes));
    else if ('hex' in step)
      line.send(Uint8Array.from(step.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
    else await faults[step.fault](step.forMs ?? DEFAULT_FAULT_MS);
  };

  return {
    inject: (text) => sendText(text, true),
    async play(input) {
      if (playing) return err({ code: 'E_BUSY', detail: 'a scenario is playing' });
      const scenario = parseScenario(input);
      if (!scenario.ok) return err({ code: 'E_ILLEGAL', detail: describeProblems(scenario.error) });
      playing = true;
      for (const step of scenario.value) await perform(step);
      playing = false;
      return ok({ steps: scenario.value.length });
    },
    unplug: () => line.unplug(),
    plug: () => line.plug(),
  };
};

/**
 * A scanner that is not there: the real driver, framer included, on a simulated line.
 * What is injected or played enters as bytes, one step before the parser.
 */
export const createSimScanner = (
  definition: ScannerDefinition,
  env: DriverEnv,
  sink: DriverSink,
  line: SimTransport = createSimTransport(env, definition.id),
): Driver => createScannerDriver(definition, line, env, sink, simulate(definition, line, env));
