import { readFile } from 'node:fs/promises';
import type { Simulation } from '../contract/device.ts';
import { type DriverEnv, momentOf } from '../contract/env.ts';
import type { DriverSink, StateEvent } from '../contract/event.ts';

/** Largest scenario file that is read, in bytes. */
export const MAX_SCENARIO_BYTES = 4 * 1_024 * 1_024;

const readScenario = async (file: string): Promise<unknown> => {
  const bytes = await readFile(file);
  if (bytes.length > MAX_SCENARIO_BYTES) throw new Error(`longer than ${MAX_SCENARIO_BYTES} bytes`);
  return JSON.parse(bytes.toString('utf8'));
};

/**
 * Wraps the sink of a simulated device so that it plays `file` once, when it is ready for the first
 * time. A file that cannot be read or is no scenario is an `error` event with `E_ILLEGAL` that says why.
 */
export const playWhenReady = (
  file: string,
  deviceId: string,
  env: DriverEnv,
  sink: DriverSink,
  simulation: () => Simulation | undefined,
): DriverSink => {
  let played = false;

  const refuse = (detail: string): void =>
    sink({
      type: 'error',
      deviceId,
      at: momentOf(env),
      code: 'E_ILLEGAL',
      retryable: false,
      detail: `scenario ${file}: ${detail}`,
    });

  const play = async (): Promise<void> => {
    const answer = await simulation()?.play(await readScenario(file));
    if (answer?.ok === false) refuse(answer.error.detail);
  };

  const isFirstReady = (event: { readonly type: string }): boolean =>
    event.type === 'state' && (event as StateEvent).to === 'ready' && !played;

  return (event) => {
    sink(event);
    if (!isFirstReady(event)) return;
    played = true;
    play().catch((error: unknown) => refuse(String(error)));
  };
};
