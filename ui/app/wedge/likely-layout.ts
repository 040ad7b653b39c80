import type { KeyPress } from './key-press.ts';
import { type WedgeLayout, wedgeLayouts } from './layouts.ts';
import { readPresses } from './read-presses.ts';

const AIM = /^\][A-Za-z][0-9A-Fa-f](?=.)/;
/** Beginnings that no text has by chance: a link, a member pass, and digits alone. */
const TELLING = [/^https?:\/\/[\w-]+\./i, /^TS[PW]1:/, /^\d{6,}$/] as const;

/** How much the text looks like what codes hold: an AIM identifier counts, and so does what follows it. */
const likeness = (text: string): number => {
  const rest = text.replace(AIM, '');
  return (rest === text ? 0 : 1) + (TELLING.some((shape) => shape.test(rest)) ? 1 : 0);
};

/**
 * Layouts in which the keys read more like a code than in the set one: the
 * scanner is set to another layout than the till believes. Empty = nothing speaks against the set layout.
 */
export function likelyLayouts(
  presses: readonly KeyPress[],
  layout: WedgeLayout,
  prefix = '',
): readonly WedgeLayout[] {
  const likenessIn = (each: WedgeLayout): number => {
    const read = readPresses(presses, each);
    if (!read.ok) return 0;
    return likeness(read.value.startsWith(prefix) ? read.value.slice(prefix.length) : read.value);
  };
  const most = Math.max(...wedgeLayouts.map(likenessIn));
  return likenessIn(layout) === most
    ? []
    : wedgeLayouts.filter((each) => likenessIn(each) === most);
}
