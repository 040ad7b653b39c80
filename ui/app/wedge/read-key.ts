import type { KeyPress } from './key-press.ts';
import { KEY_ROWS, LAYOUT_ROWS, type WedgeLayout, wedgeLayouts } from './layouts.ts';

/** What a scanner means by one key. */
export interface KeyRead {
  readonly char: string;
  /** The key gives its character only together with the space that follows it. */
  readonly dead: boolean;
}

type Level = ReadonlyMap<string, KeyRead>;
interface KeyMap {
  readonly plain: Level;
  readonly shift: Level;
  readonly altGraph: Level;
  readonly shiftAltGraph: Level;
  readonly decimal: string;
}

const keyMapOf = (layout: WedgeLayout): KeyMap => {
  const rows = LAYOUT_ROWS[layout];
  const read = (level: string, code: string, char: string): [string, KeyRead] => [
    code,
    { char, dead: rows.dead.includes(level + code) },
  ];
  const levelOf = (lines: readonly string[], level: string): Level =>
    new Map([
      ['Space', { char: ' ', dead: false }],
      ...KEY_ROWS.flatMap((codes, row) =>
        codes
          .map((code, index): [string, string] => [code, lines[row]?.charAt(index) ?? ''])
          .filter(([, char]) => char.trim() !== '')
          .map(([code, char]) => read(level, code, char)),
      ),
    ]);
  const named = (chars: Readonly<Record<string, string>>, level: string): Level =>
    new Map(Object.entries(chars).map(([code, char]) => read(level, code, char)));
  return {
    plain: levelOf(rows.plain, ''),
    shift: levelOf(rows.shift, 'Shift+'),
    altGraph: named(rows.altGraph, 'AltGr+'),
    shiftAltGraph: named(rows.shiftAltGraph ?? {}, 'Shift+AltGr+'),
    decimal: rows.decimal ?? '.',
  };
};

const keyMaps = Object.fromEntries(
  wedgeLayouts.map((layout) => [layout, keyMapOf(layout)]),
) as Readonly<Record<WedgeLayout, KeyMap>>;

const NUMPAD: Readonly<Record<string, string>> = {
  NumpadAdd: '+',
  NumpadSubtract: '-',
  NumpadMultiply: '*',
  NumpadDivide: '/',
  NumpadComma: '.',
};

const WRITING_KEYS: ReadonlySet<string> = new Set([
  ...KEY_ROWS.flat(),
  'Space',
  'NumpadDecimal',
  ...Object.keys(NUMPAD),
  ...[...'0123456789'].map((digit) => `Numpad${digit}`),
]);

/** Whether a key writes in some layout: keys of functions, arrows and editing do not. */
export const isWritingKey = ({ code, altCode }: KeyPress): boolean =>
  altCode !== undefined || WRITING_KEYS.has(code);

const ALT_CODE_DIGITS_MAX = 4;
const FIRST_BYTE_PAST_ASCII = 0x80;
/** Windows code page 1252 in the places where it is not Latin-1; a space where it has nothing. */
const CP1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/**
 * The character of an Alt code as Windows composes it: with a leading zero from code page 1252. Without one it comes
 * from a code page of the machine, which a page does not know; those are read up to ASCII's end alone.
 */
const altCodeChar = (digits: string): string | undefined => {
  if (!/^\d+$/.test(digits) || digits.length > ALT_CODE_DIGITS_MAX) return undefined;
  const value = Number(digits);
  if (value === 0 || value > 0xff) return undefined;
  if (value < FIRST_BYTE_PAST_ASCII) return String.fromCharCode(value);
  if (!digits.startsWith('0')) return undefined;
  if (value >= 0xa0) return String.fromCharCode(value);
  const char = CP1252.charAt(value - FIRST_BYTE_PAST_ASCII);
  return char.trim() === '' ? undefined : char;
};

const CONTROL_MASK = 0x1f;

/**
 * Ctrl and a key of `@` to `_` is how keyboard scanners send control characters. GS is Ctrl and the place of `]` on a
 * US keyboard, whatever the layout, or the place of `]` in the layout; RS is Ctrl and 6, with Shift or without.
 */
const controlChar = (press: KeyPress, map: KeyMap): string | undefined => {
  const typed = (press.shiftKey ? map.shift : map.plain).get(press.code)?.char ?? '';
  const char =
    press.code === 'BracketRight' ? ']' : press.code === 'Digit6' ? '^' : typed.toUpperCase();
  return /^[@-_]$/.test(char) ? String.fromCharCode(char.charCodeAt(0) & CONTROL_MASK) : undefined;
};

const live = (char: string | undefined): KeyRead | undefined =>
  char === undefined ? undefined : { char, dead: false };

/**
 * What a scanner set to `layout` means by a key, whatever layout the computer has. Undefined for keys that write
 * nothing in that layout.
 * @param followCaps whether Caps Lock turns the letters round, as it does for a person; a scanner holds Shift itself
 */
export const readKey = (
  press: KeyPress,
  layout: WedgeLayout,
  followCaps = false,
): KeyRead | undefined => {
  const map = keyMaps[layout];
  const { code, altCode } = press;
  if (altCode !== undefined) return live(altCodeChar(altCode));
  if (press.altGraph || (press.ctrlKey && press.altKey))
    return (press.shiftKey ? map.shiftAltGraph : map.altGraph).get(code);
  if (press.altKey) return undefined;
  if (press.ctrlKey) return live(controlChar(press, map));
  const digit = /^Numpad(\d)$/.exec(code)?.[1];
  if (digit !== undefined) return live(digit);
  if (code === 'NumpadDecimal') return live(map.decimal);
  if (NUMPAD[code] !== undefined) return live(NUMPAD[code]);
  const isLetter = /^\p{L}$/u.test(map.plain.get(code)?.char ?? '');
  const shifted = press.shiftKey !== (followCaps && press.capsLock && isLetter);
  return (shifted ? map.shift : map.plain).get(code);
};
