import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { KeyPress } from './key-press.ts';
import type { WedgeLayout } from './layouts.ts';
import { readKey } from './read-key.ts';

/** Why keys are no text in a layout: a key that writes nothing, or an accent key that got no space. */
export type ReadProblem = 'unmapped' | 'dead-key';

/**
 * The text that a scanner set to `layout` means by its keys. An accent key counts with the space behind it, which is
 * how a scanner makes it stand alone; with anything else behind it nobody can say what was in the code.
 */
export function readPresses(
  presses: readonly KeyPress[],
  layout: WedgeLayout,
  followCaps = false,
): Result<string, ReadProblem> {
  let text = '';
  let dead = false;
  for (const press of presses) {
    const read = readKey(press, layout, followCaps);
    if (read === undefined) return err('unmapped');
    if (dead) {
      if (read.char !== ' ') return err('dead-key');
      dead = false;
      continue;
    }
    text += read.char;
    dead = read.dead;
  }
  return dead ? err('dead-key') : ok(text);
}
