import { centreOf } from './align.ts';
import type { Point } from './embedder.ts';

/** How the picture of one flat thing goes over into another picture of it. */
export interface PlaneMap {
  apply(point: Point): Point;
  /** The least and the greatest stretch of lengths at a point of the first picture. */
  stretchAt(point: Point): readonly [number, number];
}

const UNKNOWNS = 8;
/** Below this a pivot says that the points lie on one line. */
const PIVOT_MIN = 1e-9;
/** Step for the stretch, in the unit of the points. */
const STEP = 1e-3;

/**
 * The homography that takes `from` to `to` with the least sum of squares of its linear form (direct linear transform,
 * Hartley and Zisserman, chapter 4, with the last coefficient set to one about the middle of the points).
 * @returns null where fewer than four points are in general position
 */
export function planeMapOf(from: readonly Point[], to: readonly Point[]): PlaneMap | null {
  if (from.length < 4 || from.length !== to.length) return null;
  const [p, q] = [centreOf(from), centreOf(to)];
  const normal = Array.from({ length: UNKNOWNS }, () => new Float64Array(UNKNOWNS + 1));
  const add = (row: readonly number[], value: number): void => {
    for (let i = 0; i < UNKNOWNS; i++) {
      const line = normal[i] as Float64Array;
      for (let j = 0; j < UNKNOWNS; j++) line[j] = (line[j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
      line[UNKNOWNS] = (line[UNKNOWNS] ?? 0) + (row[i] ?? 0) * value;
    }
  };
  from.forEach((source, at) => {
    const target = to[at] ?? q;
    const [x, y, u, v] = [source.x - p.x, source.y - p.y, target.x - q.x, target.y - q.y];
    add([x, y, 1, 0, 0, 0, -u * x, -u * y], u);
    add([0, 0, 0, x, y, 1, -v * x, -v * y], v);
  });
  const h = solve(normal);
  if (h === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, k = 0] = h;
  const apply = (point: Point): Point => {
    const [x, y] = [point.x - p.x, point.y - p.y];
    const w = g * x + k * y + 1;
    return { x: q.x + (a * x + b * y + c) / w, y: q.y + (d * x + e * y + f) / w };
  };
  return {
    apply,
    stretchAt(point) {
      const at = apply(point);
      const right = apply({ x: point.x + STEP, y: point.y });
      const down = apply({ x: point.x, y: point.y + STEP });
      return stretches(
        [(right.x - at.x) / STEP, (down.x - at.x) / STEP],
        [(right.y - at.y) / STEP, (down.y - at.y) / STEP],
      );
    },
  };
}

/** The singular values of a 2 x 2 matrix given by its rows, smaller first. */
function stretches(
  [a, b]: readonly [number, number],
  [c, d]: readonly [number, number],
): readonly [number, number] {
  const sum = Math.hypot(a + d, c - b);
  const difference = Math.hypot(a - d, c + b);
  return [Math.abs(sum - difference) / 2, (sum + difference) / 2];
}

/** Gauss with the largest pivot; null where the equations do not say enough. */
function solve(rows: Float64Array[]): number[] | null {
  const size = rows.length;
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let column = 0; column < size; column++) {
    let best = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(at(row, column)) > Math.abs(at(best, column))) best = row;
    if (!(Math.abs(at(best, column)) > PIVOT_MIN)) return null;
    const pivot = rows[best] as Float64Array;
    rows[best] = rows[column] as Float64Array;
    rows[column] = pivot;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = at(row, column) / at(column, column);
      const line = rows[row] as Float64Array;
      for (let k = column; k <= size; k++) line[k] = (line[k] ?? 0) - factor * at(column, k);
    }
  }
  return rows.map((_, row) => at(row, size) / at(row, row));
}
