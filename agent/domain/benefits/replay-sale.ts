import type { Evaluation } from '../../contract/evaluation.ts';
import { type EvaluationInput, evaluationInputSchema } from '../../contract/evaluation-input.ts';
import type { EntryHeader } from '../../contract/ledger.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import type { CompiledRuleSet } from './compile-rule-set.ts';
import { evaluate } from './evaluate.ts';
import { firstDifferences, type JsonDifference } from './first-differences.ts';
import { linesAsStored } from './lines-as-stored.ts';

/**
 * What the sealed body of a sale keeps of its evaluation: every figure; of the rules those that did something, without
 * their sentences, because the rule set of the sale and the input give the others again.
 */
export type KeptEvaluation = Omit<Evaluation, 'outcomes'> & {
  readonly applied: readonly Pick<
    Evaluation['outcomes'][number],
    'ruleId' | 'discountMinor' | 'points'
  >[];
};

/** The part of a sale's sealed body that a replay rests on, as it was read: input and evaluation are not checked yet. */
export interface SealedSale {
  readonly input: unknown;
  readonly evaluation: unknown;
  readonly memberId: string | null;
}

/** The figures of a sale that stand in the clear part of its entry. */
export type SaleFigures = Pick<
  EntryHeader,
  'listMinor' | 'discountMinor' | 'payableMinor' | 'pointsEarned' | 'pointsSpent'
>;

/**
 * `differences` is empty where the replay gave the sale again bit for bit; else the first paths that differ.
 * `evaluation` explains every rule, which the sealed body does not.
 */
export interface SaleReplayed {
  readonly input: EvaluationInput;
  readonly evaluation: Evaluation;
  readonly differences: readonly JsonDifference[];
}

/**
 * `input-cleared`: the hold was over when the payment came, and what was known of the member had been cleared with it.
 * `input-unreadable`: the stored input is none of this program's, at `field`.
 */
export type ReplayError =
  | { readonly code: 'input-cleared' }
  | { readonly code: 'input-unreadable'; readonly field: string };

/** Reduces an evaluation to what a sealed body keeps of it. */
export function keptEvaluation({ outcomes, ...figures }: Evaluation): KeptEvaluation {
  const applied = outcomes
    .filter((outcome) => outcome.status === 'applied')
    .map(({ ruleId, discountMinor, points }) => ({ ruleId, discountMinor, points }));
  return { ...figures, applied };
}

/**
 * Evaluates a sale again from what its entry sealed and compares the canonical JSON of all that was kept, and the
 * entry's own figures.
 * @param compiled the rule set of the version under which the sale was made
 */
export function replaySale(
  compiled: CompiledRuleSet,
  figures: SaleFigures,
  sealed: SealedSale,
): Result<SaleReplayed, ReplayError> {
  const input = evaluationInputSchema.safeParse(sealed.input);
  if (!input.success)
    return err({
      code: 'input-unreadable',
      field: ['input', ...(input.error.issues[0]?.path ?? [])].join('.'),
    });
  if (sealed.memberId !== null && input.data.member === null) return err({ code: 'input-cleared' });
  const done = evaluate(compiled, input.data);
  if (!done.ok) return err({ code: 'input-unreadable', field: `input.${done.error.field}` });
  const evaluation = done.value;
  const { listMinor, discountMinor, payableMinor, pointsEarned, pointsSpent } = figures;
  const differences = firstDifferences(
    {
      entry: { listMinor, discountMinor, payableMinor, pointsEarned, pointsSpent },
      evaluation: sealed.evaluation,
    },
    {
      entry: {
        listMinor: evaluation.listMinor,
        discountMinor: evaluation.discountMinor,
        payableMinor: evaluation.payableMinor,
        pointsEarned: evaluation.points.earned,
        pointsSpent: evaluation.points.spent,
      },
      evaluation: {
        ...keptEvaluation(evaluation),
        lines: linesAsStored(evaluation.lines, sealed.evaluation),
      },
    },
  );
  return ok({ input: input.data, evaluation, differences });
}
