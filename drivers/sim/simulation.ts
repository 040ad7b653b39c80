import { describeProblems } from '../contract/config-problem.ts';
import type { CodeDamage, Simulation } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, ok } from '../contract/result.ts';
import { DEFAULT_FAULT_MS, type FaultName, parseScenario, type ScenarioStep } from './scenario.ts';
import type { SimTransport } from './sim-transport.ts';

/** Pause inside a `split` code: shorter than any driver waits for the rest. */
export const SPLIT_PAUSE_MS = 20;
/** How long the cable is out in an `unplug-mid-code`. */
export const MID_CODE_UNPLUG_MS = 500;
/** A stuck device sends a piece this often. */
export const STUCK_PIECE_EVERY_MS = 10;

/** How one kind of scanner puts codes on its line; what is sent enters before the parser. */
export type SimEncoding = {
  /**
   * What the device sends for `text`: on a serial line one or more pieces of bytes, on HID one
   * report each. Without `end` the last piece leaves out what ends a code.
   */
  pieces(text: string, end: boolean): readonly Uint8Array[];
  /** Line noise that looks like no code by chance. `end` lets a code after it stay whole. */
  noise(end: boolean): Uint8Array;
  /** What a stuck device sends again and again: data without an end. */
  stuckPiece(): Uint8Array;
};

/** The pieces of a code in two groups; a code of one piece is all in the first. */
const halves = (
  pieces: readonly Uint8Array[],
): readonly [readonly Uint8Array[], readonly Uint8Array[]] => {
  const middle = Math.ceil(pieces.length / 2);
  return [pieces.slice(0, middle), pieces.slice(middle)];
};

/** The levers of a simulated scanner on `line`; the same for each kind, which brings its `encoding`. */
export const createSimulation = (
  encoding: SimEncoding,
  line: Pick<SimTransport, 'send' | 'unplug' | 'plug' | 'stall'>,
  env: Pick<DriverEnv, 'timers'>,
): Simulation => {
  let playing = false;

  const wait = (delayMs: number): Promise<void> =>
    delayMs === 0
      ? Promise.resolve()
      : new Promise((resolve) => void env.timers.set(resolve, delayMs));

  const send = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) line.send(piece);
  };

  const unplugFor = async (forMs: number): Promise<void> => {
    line.unplug();
    await wait(forMs);
    line.plug();
  };

  const damaged: Readonly<Record<CodeDamage, (text: string) => Promise<void>>> = {
    async 'garbage-prefix'(text) {
      line.send(encoding.noise(false));
      send(encoding.pieces(text, true));
    },
    async split(text) {
      const [first, rest] = halves(encoding.pieces(text, true));
      send(first);
      await wait(SPLIT_PAUSE_MS);
      send(rest);
    },
    async duplicate(text) {
      send(encoding.pieces(text, true));
      send(encoding.pieces(text, true));
    },
    async 'unplug-mid-code'(text) {
      send(halves(encoding.pieces(text, true))[0]);
      await unplugFor(MID_CODE_UNPLUG_MS);
    },
  };

  const code = async (text: string, damage?: CodeDamage, end = true): Promise<void> =>
    damage === undefined ? send(encoding.pieces(text, end)) : damaged[damage](text);

  const faults: Readonly<Record<FaultName, (forMs: number) => Promise<void>>> = {
    unplug: unplugFor,
    async garbage() {
      line.send(encoding.noise(true));
    },
    async stall(forMs) {
      line.stall(forMs);
      await wait(forMs);
    },
    async stuck(forMs) {
      for (let passedMs = 0; passedMs < forMs; passedMs += STUCK_PIECE_EVERY_MS) {
        line.send(encoding.stuckPiece());
        await wait(STUCK_PIECE_EVERY_MS);
      }
    },
  };

  const perform = async (step: ScenarioStep): Promise<void> => {
    await wait(step.afterMs);
    if ('text' in step) await code(step.text, step.damage, step.end);
    else if ('bytes' in step) line.send(Uint8Array.from(step.bytes));
    else if ('hex' in step)
      line.send(Uint8Array.from(step.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
    else await faults[step.fault](step.forMs ?? DEFAULT_FAULT_MS);
  };

  return {
    inject: (text, damage) => void code(text, damage),
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
