import type { EvaluatedLine } from '../../contract/evaluation.ts';

/** A line as versions wrote it that did not tell points by category. */
function withoutBuckets({
  pointsEarnedByBucket: _earned,
  pointsSpentByBucket: _spent,
  ...line
}: EvaluatedLine): EvaluatedLine {
  return line;
}

/**
 * The lines of a replay as the sale that is replayed would have been stored: where none of its lines tells points by
 * category, it may come from a version whose lines never did.
 * @param sealed what was stored of the evaluation, unchecked
 */
export function linesAsStored(lines: readonly EvaluatedLine[], sealed: unknown): EvaluatedLine[] {
  const stored = (sealed as { readonly lines?: unknown } | null)?.lines;
  const tells =
    !Array.isArray(stored) ||
    stored.some(
      (line: Partial<EvaluatedLine> | null) =>
        line?.pointsEarnedByBucket !== undefined || line?.pointsSpentByBucket !== undefined,
    );
  return tells ? [...lines] : lines.map(withoutBuckets);
}
