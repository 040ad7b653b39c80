import { BASE_BUCKET } from '../points/lots.ts';

/** Adds points of one category to a line. */
export function addToLine(
  byBucket: Map<string, number[]>,
  bucket: string,
  line: number,
  points: number,
): void {
  if (points === 0) return;
  const lines = byBucket.get(bucket) ?? [];
  lines[line] = (lines[line] ?? 0) + points;
  byBucket.set(bucket, lines);
}

/**
 * A line's points by category.
 * @param points of the line over all categories
 * @returns undefined where all of them are of `base`, which is what the absence of the field means
 */
export function bucketsOfLine(
  byBucket: ReadonlyMap<string, readonly number[]>,
  line: number,
  points: number,
): Record<string, number> | undefined {
  if ((byBucket.get(BASE_BUCKET)?.[line] ?? 0) === points) return undefined;
  return Object.fromEntries(
    [...byBucket].flatMap(([bucket, lines]) => {
      const part = lines[line] ?? 0;
      return part > 0 ? [[bucket, part] as const] : [];
    }),
  );
}
