/** Faces enrolled up to which the distance of one stranger in 10,000 is the limit: together they refuse one in a hundred. */
export const DUPLICATE_LIMIT_FULL_UP_TO = 100;

/** Distances of a model, by the share of strangers that they take in. */
export interface DuplicateThresholds {
  readonly fmr1e3: number;
  readonly fmr1e4: number;
}

/**
 * The distance at or below which a new template is taken for that of somebody who is enrolled. It shrinks as the gallery
 * grows, so that about one in a hundred new members is refused wrongly whatever its size: means of three captures fall off
 * twice as fast with the distance as the model's own thresholds, which hold for a template against one look.
 * @param enrolled faces that it is compared with
 */
export function duplicateLimit({ fmr1e3, fmr1e4 }: DuplicateThresholds, enrolled: number): number {
  const decades = Math.log10(Math.max(1, enrolled / DUPLICATE_LIMIT_FULL_UP_TO));
  return Math.max(0, fmr1e4 - (decades * (fmr1e3 - fmr1e4)) / 2);
}
