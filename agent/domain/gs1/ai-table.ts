import { dictionary } from './dictionary.ts';
import type { DictionaryEntry } from './dictionary-entry.ts';

/** An application identifier with what the dictionary says of it, lengths summed. */
export interface Ai extends DictionaryEntry {
  readonly ai: string;
  /** Bounds of the whole value, in characters. */
  readonly minLength: number;
  readonly maxLength: number;
}

const PREFIX_LENGTH = 2;

const byAi: ReadonlyMap<string, Ai> = new Map(
  dictionary.flatMap((entry) => {
    const shape = {
      minLength: sum(entry.components.map(({ min, optional }) => (optional ? 0 : min))),
      maxLength: sum(entry.components.map(({ max }) => max)),
    };
    return run(entry.first, entry.last).map((ai): [string, Ai] => [ai, { ...entry, ...shape, ai }]);
  }),
);

/** All AIs that begin with the same two digits have one length (GS1 General Specifications, figure 7.8.2-1). */
const lengthByPrefix: ReadonlyMap<string, number> = new Map(
  [...byAi.keys()].map((ai) => [ai.slice(0, PREFIX_LENGTH), ai.length]),
);

/** The AI of exactly these digits. */
export function aiNamed(digits: string): Ai | undefined {
  return byAi.get(digits);
}

/** The AI that begins at an offset of AI data. */
export function aiAt(text: string, position: number): Ai | undefined {
  const length = lengthByPrefix.get(text.slice(position, position + PREFIX_LENGTH));
  return length === undefined ? undefined : byAi.get(text.slice(position, position + length));
}

/** Every AI of the dictionary, runs unrolled, in its order. */
export function allAis(): readonly Ai[] {
  return [...byAi.values()];
}

function run(first: string, last: string): readonly string[] {
  const length = Number(last) - Number(first) + 1;
  return Array.from({ length }, (_, nth) =>
    String(Number(first) + nth).padStart(first.length, '0'),
  );
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
