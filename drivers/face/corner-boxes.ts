import { areaOf, type Box } from './embedder.ts';

/** Candidates that are looked at after the score; the rest are the weaker ones. */
export const CANDIDATES_MAX = 750;
/** Faces that a frame answers with. */
export const FACES_MAX = 20;

/**
 * Faces out of a detector's rows of corners and scores: strong ones, without those that overlap a stronger one,
 * each made square on its height as the landmark network wants it, largest first.
 */
export function boxesOf(
  { scores, boxes }: { readonly scores: Float32Array; readonly boxes: Float32Array },
  picture: { readonly width: number; readonly height: number },
  limits: { readonly scoreMin: number; readonly overlapMax: number },
): { readonly box: Box; readonly score: number }[] {
  const candidates: { box: Box; score: number }[] = [];
  for (let row = 0; row < boxes.length / 4; row++) {
    const score = scores[2 * row + 1] ?? 0;
    if (!(score >= limits.scoreMin)) continue;
    const corner = (at: number) => boxes[4 * row + at] ?? 0;
    const x = corner(0) * picture.width;
    const y = corner(1) * picture.height;
    const box = {
      x,
      y,
      width: corner(2) * picture.width - x,
      height: corner(3) * picture.height - y,
    };
    if (box.width > 0 && box.height > 0) candidates.push({ box, score });
  }
  candidates.sort((a, b) => b.score - a.score);
  const kept: { box: Box; score: number }[] = [];
  for (const one of candidates.slice(0, CANDIDATES_MAX))
    if (
      kept.length < FACES_MAX &&
      kept.every(({ box }) => overlap(box, one.box) < limits.overlapMax)
    )
      kept.push(one);
  return kept
    .map(({ box, score }) => ({ box: squareIn(box, picture), score }))
    .sort((a, b) => areaOf(b.box) - areaOf(a.box));
}

/** Shared area over joint area. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (areaOf(a) + areaOf(b) - width * height);
}

function squareIn(box: Box, picture: { readonly width: number; readonly height: number }): Box {
  const middle = box.x + box.width / 2;
  const left = Math.max(0, middle - box.height / 2);
  const top = Math.max(0, box.y);
  const right = Math.min(picture.width - 1, middle + box.height / 2);
  const bottom = Math.min(picture.height - 1, box.y + box.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}
