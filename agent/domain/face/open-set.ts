import type { Nearest } from './gallery.ts';

/** A name is given at or below `threshold`, when the second person is at least `margin` further away. */
export interface OpenSetRule {
  readonly threshold: number;
  readonly margin: number;
}

/** Whom a frame shows, as far as a gallery can tell: a suggestion that needs a second factor. */
export type OpenSetAnswer =
  | { readonly kind: 'named'; readonly person: string; readonly distance: number }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'unknown' };

/** Decides one frame; a gallery of one person is held to the threshold alone. */
export function decideOpenSet({ best, second }: Nearest, rule: OpenSetRule): OpenSetAnswer {
  if (best === null || !(best.distance <= rule.threshold)) return { kind: 'unknown' };
  if (second !== null && second.distance - best.distance < rule.margin)
    return { kind: 'ambiguous' };
  return { kind: 'named', ...best };
}

/** Frames that have to name the same person, and frames looked at. */
export const AGREEMENT = { frames: 3, needed: 2 } as const;

/** Joins the answers of the last frames: two of three agree, and none names somebody else. */
export function agreeOnFrames(answers: readonly OpenSetAnswer[]): OpenSetAnswer {
  const last = answers.slice(-AGREEMENT.frames);
  const named = last.filter((one) => one.kind === 'named');
  const [first] = named;
  if (first === undefined)
    return last.find(({ kind }) => kind === 'ambiguous') ?? { kind: 'unknown' };
  if (named.some(({ person }) => person !== first.person)) return { kind: 'ambiguous' };
  if (named.length < AGREEMENT.needed) return { kind: 'unknown' };
  return named.reduce((a, b) => (b.distance < a.distance ? b : a));
}
