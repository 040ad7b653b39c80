import type { Picture, Point } from './embedder.ts';

/**
 * Where eyes, nose tip and mouth corners lie in a 112 x 112 crop: the reference points published with ArcFace
 * (Deng and others, 2019) and used by the models trained like it.
 */
export const REFERENCE_POINTS: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** Rotation and scale (`a`, `b`), then shift: x' = a x - b y + tx, y' = b x + a y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** The similarity that takes `from` to `to` with the least sum of squares; null where `from` is one point. */
export function similarityOf(from: readonly Point[], to: readonly Point[]): Similarity | null {
  const p = centreOf(from);
  const q = centreOf(to);
  let dot = 0;
  let cross = 0;
  let spread = 0;
  from.forEach(({ x, y }, at) => {
    const target = to[at] ?? q;
    const [px, py, qx, qy] = [x - p.x, y - p.y, target.x - q.x, target.y - q.y];
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    spread += px * px + py * py;
  });
  if (!(spread > 0)) return null;
  const a = dot / spread;
  const b = cross / spread;
  return { a, b, tx: q.x - a * p.x + b * p.y, ty: q.y - b * p.x - a * p.y };
}

/** Eye centres, nose tip and mouth corners of 68 points in the order of iBUG. */
export function fivePoints(landmarks: readonly Point[]): [Point, Point, Point, Point, Point] {
  const mean = (...at: number[]) => centreOf(at.map((one) => landmarks[one] ?? { x: 0, y: 0 }));
  return [mean(37, 38, 40, 41), mean(43, 44, 46, 47), mean(30), mean(48, 60), mean(54, 64)];
}

/** The middle of points, at least one. */
export function centreOf(points: readonly Point[]): Point {
  const sum = points.reduce((s, { x, y }) => ({ x: s.x + x, y: s.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/**
 * A crop of `width` x `height` as interleaved triples of 0 to 255, each pixel fetched through `toSource` with bilinear
 * weights. What lies outside the picture is black.
 */
export function sample(
  picture: Picture,
  { width, height }: { readonly width: number; readonly height: number },
  toSource: (x: number, y: number) => readonly [number, number],
): Float32Array {
  const out = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [sx, sy] = toSource(x, y);
      const left = Math.floor(sx);
      const top = Math.floor(sy);
      const fx = sx - left;
      const fy = sy - top;
      for (let channel = 0; channel < 3; channel++)
        out[3 * (y * width + x) + channel] =
          (1 - fy) *
            ((1 - fx) * at(picture, left, top, channel) +
              fx * at(picture, left + 1, top, channel)) +
          fy *
            ((1 - fx) * at(picture, left, top + 1, channel) +
              fx * at(picture, left + 1, top + 1, channel));
    }
  return out;
}

function at({ data, width, height }: Picture, x: number, y: number, channel: number): number {
  if (x < 0 || y < 0 || x >= width || y >= height) return 0;
  return data[4 * (y * width + x) + channel] ?? 0;
}

/** Interleaved colours as brightness, by the weights of ITU-R BT.601. */
export function greyOf(interleaved: Float32Array): Float32Array {
  return Float32Array.from(
    { length: interleaved.length / 3 },
    (_, at) =>
      0.299 * (interleaved[3 * at] ?? 0) +
      0.587 * (interleaved[3 * at + 1] ?? 0) +
      0.114 * (interleaved[3 * at + 2] ?? 0),
  );
}

/** The way back of a similarity. */
export function inverseOf({
  a,
  b,
  tx,
  ty,
}: Similarity): (x: number, y: number) => [number, number] {
  const scale = a * a + b * b;
  return (x, y) => [(a * (x - tx) + b * (y - ty)) / scale, (-b * (x - tx) + a * (y - ty)) / scale];
}
