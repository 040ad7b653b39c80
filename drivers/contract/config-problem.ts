import type { LocalText } from './text.ts';

/** One thing wrong with a configuration: where, why and what to do next. */
export type ConfigProblem = {
  /** Path of the field, `devices[1].baudRate`. */
  readonly field: string;
  readonly code:
    | 'missing'
    | 'wrong-type'
    | 'wrong-value'
    | 'out-of-range'
    | 'unknown-field'
    | 'unknown-driver'
    | 'repeated-id'
    | 'too-many';
  readonly text: LocalText;
};

/** All problems on one line in English, for logs and for `E_ILLEGAL` details. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  problems.map((problem) => `${problem.field}: ${problem.text.en}`).join('; ');
