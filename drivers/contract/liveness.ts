import type { DeviceError } from './error-code.ts';
import type { Result } from './result.ts';

/**
 * Classes of attacks that a laboratory tried, by ISO/IEC 30107-3: `pad-1` home-made prints and screens, `pad-2` dearer
 * artefacts as well. A certificate names one.
 */
export const padLevels = ['pad-1', 'pad-2'] as const;
export type PadLevel = (typeof padLevels)[number];

/** What is asked of a detector: whether the person of this session lives. One question at a time. */
export type LivenessQuestion = {
  readonly sessionId: string;
  /** Random, new with each question, given back with its answer: what was said to another question is no answer. */
  readonly nonce: string;
  /** Later answers count for nothing, and the detector looks no longer than this. */
  readonly withinMs: number;
};

/**
 * What a detector says. It sees the person by a sensor of its own: no picture comes through here, in either direction.
 * `unknown` = it looked and cannot tell. Nothing in it is believed because it is said: the till compares it with its
 * question, and `product` and `level` with the chain's signed policy.
 */
export type LivenessAnswer = {
  readonly sessionId: string;
  readonly nonce: string;
  readonly verdict: 'live' | 'not-live' | 'unknown';
  /** By the checks of which class it came to that. */
  readonly level: PadLevel;
};

/** Where a detector puts its answers. Must not throw. */
export type LivenessSink = (answer: LivenessAnswer) => void;

/**
 * A detector of presentation attacks under the agent. Calls may come at any time and in any order; none throws. It looks
 * at nobody but between `ask` and its answer, `cancel` or the end of `withinMs`.
 */
export type LivenessDriver = {
  /** Which product and version was certified; a policy trusts it by this name, so it is the adapter's and no setting. */
  readonly product: string;
  start(): void;
  /** Releases the sensor; no answer comes afterwards. */
  stop(): Promise<void>;
  /** Takes the place of a question that is open. `E_CLOSED` unless started; `E_NOHARDWARE` where the sensor is away. */
  ask(question: LivenessQuestion): Result<void, DeviceError>;
  /** Forgets the question that is open; nothing where there is none. */
  cancel(): void;
};
