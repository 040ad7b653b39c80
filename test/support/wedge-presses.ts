import { type KeyPress, plainPress } from '../../ui/app/wedge/key-press.ts';
import { KEY_ROWS, type WedgeLayout } from '../../ui/app/wedge/layouts.ts';
import { readKey } from '../../ui/app/wedge/read-key.ts';

const CODES = [...KEY_ROWS.flat(), 'Space'];
const LEVELS: readonly Partial<KeyPress>[] = [
  {},
  { shiftKey: true },
  { altGraph: true },
  { altGraph: true, shiftKey: true },
];
const GS = '\u001d';

/** The key that a scanner set to `layout` presses for `char`; an accent key only where no other gives it. */
export function keyFor(char: string, layout: WedgeLayout): { press: KeyPress; dead: boolean } {
  if (char === GS) return { press: { ...plainPress('BracketRight'), ctrlKey: true }, dead: false };
  for (const dead of [false, true])
    for (const level of LEVELS)
      for (const code of CODES) {
        const press = { ...plainPress(code), ...level };
        const read = readKey(press, layout);
        if (read?.char === char && read.dead === dead) return { press, dead };
      }
  throw new Error(`no key for ${JSON.stringify(char)} in ${layout}`);
}

/** All keys of a text, each accent key with the space that makes it stand alone. */
export function pressesOf(text: string, layout: WedgeLayout): KeyPress[] {
  return [...text].flatMap((char) => {
    const { press, dead } = keyFor(char, layout);
    return dead ? [press, plainPress('Space')] : [press];
  });
}
