/** Faces enrolled up to which the distance of one stranger in 10,000 is the limit: reckoned, together they refuse one in 100. */
export const DUPLICATE_LIMIT_FULL_UP_TO = 100;

/** Distances of a model, by the share of strangers that they take in. */
export interface DuplicateThresholds {
  readonly fmr1e3: number;
  readonly fmr1e4: number;
}

/**
 * The distance at or below which a new template is taken for that of somebody who is enrolled. It shrinks as the gallery
 * grows, with the aim that about one in a hundred new members is refused wrongly whatever its size: means of three captures
 * fall off about twice as fast with the distance as the model's own thresholds, which hold for a template against one look.
 *
 * The aim is not demonstrated. The half was chosen on the very pairs that it was checked on, computed from descriptors of
 * the first stage and not from photographs anew; beyond 786 faces the limit is extrapolated. See decision 0040.
 * @param enrolled faces that it is compared with
 */
export function duplicateLimit({ fmr1e3, fmr1e4 }: DuplicateThresholds, enrolled: number): number {
  const decades = Math.log10(Math.max(1, enrolled / DUPLICATE_LIMIT_FULL_UP_TO));
  return Math.max(0, fmr1e4 - (decades * (fmr1e3 - fmr1e4)) / 2);
}
