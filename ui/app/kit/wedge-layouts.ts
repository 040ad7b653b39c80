/** Keyboard layouts that a scanner can be set to send in. */
export const wedgeLayouts = ['us', 'de', 'fr'] as const;
export type WedgeLayout = (typeof wedgeLayouts)[number];

/** What layouts need of a DOM keyboard event. */
export type KeyPress = {
  /** Physical key, `KeyboardEvent.code`. */
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  /** `getModifierState('AltGraph')`; Windows also reports it as Ctrl and Alt together. */
  readonly altGraph: boolean;
};

/** The typing keys, row by row; the rows of each layout below name their characters in this order. */
const rows: readonly (readonly string[])[] = [
  ['Backquote', ...'1234567890'.split('').map((digit) => `Digit${digit}`), 'Minus', 'Equal'],
  [...'QWERTYUIOP'.split('').map((letter) => `Key${letter}`), 'BracketLeft', 'BracketRight'],
  [...'ASDFGHJKL'.split('').map((letter) => `Key${letter}`), 'Semicolon', 'Quote', 'Backslash'],
  [
    'IntlBackslash',
    ...'ZXCVBNM'.split('').map((letter) => `Key${letter}`),
    'Comma',
    'Period',
    'Slash',
  ],
];

type LayoutRows = {
  /** Characters without and with Shift, a string a row; a space where the key gives none. */
  readonly plain: readonly string[];
  readonly shift: readonly string[];
  readonly altGraph: Readonly<Record<string, string>>;
  /** Characters typed as a dead key and a space: the space belongs to them. */
  readonly dead: string;
};

/** As the Windows and X11 layouts of these names have them. */
const layoutRows: Readonly<Record<WedgeLayout, LayoutRows>> = {
  us: {
    plain: ['`1234567890-=', 'qwertyuiop[]', "asdfghjkl;'\\", '\\zxcvbnm,./'],
    shift: ['~!@#$%^&*()_+', 'QWERTYUIOP{}', 'ASDFGHJKL:"|', '|ZXCVBNM<>?'],
    altGraph: {},
    dead: '',
  },
  de: {
    plain: ['^1234567890ß´', 'qwertzuiopü+', 'asdfghjklöä#', '<yxcvbnm,.-'],
    shift: ['°!"§$%&/()=?`', 'QWERTZUIOPÜ*', "ASDFGHJKLÖÄ'", '>YXCVBNM;:_'],
    altGraph: {
      Digit2: '²',
      Digit3: '³',
      Digit7: '{',
      Digit8: '[',
      Digit9: ']',
      Digit0: '}',
      Minus: '\\',
      KeyQ: '@',
      KeyE: '€',
      KeyM: 'µ',
      BracketRight: '~',
      IntlBackslash: '|',
    },
    dead: '^´`',
  },
  fr: {
    plain: ['²&é"\'(-è_çà)=', 'azertyuiop^$', 'qsdfghjklmù*', '<wxcvbn,;:!'],
    shift: [' 1234567890°+', 'AZERTYUIOP¨£', 'QSDFGHJKLM%µ', '>WXCVBN?./§'],
    altGraph: {
      Digit2: '~',
      Digit3: '#',
      Digit4: '{',
      Digit5: '[',
      Digit6: '|',
      Digit7: '`',
      Digit8: '\\',
      Digit9: '^',
      Digit0: '@',
      Minus: ']',
      Equal: '}',
      KeyE: '€',
      BracketRight: '¤',
    },
    dead: '^¨~`',
  },
};

type KeyMap = {
  readonly plain: Map<string, string>;
  readonly shift: Map<string, string>;
  readonly altGraph: Map<string, string>;
};

const mapOf = (lines: readonly string[]): Map<string, string> => {
  const map = new Map<string, string>([['Space', ' ']]);
  for (const [row, keys] of rows.entries()) {
    for (const [index, code] of keys.entries()) {
      const char = lines[row]?.charAt(index) ?? ' ';
      if (char !== ' ') map.set(code, char);
    }
  }
  return map;
};

const keyMapOf = (layout: LayoutRows): KeyMap => ({
  plain: mapOf(layout.plain),
  shift: mapOf(layout.shift),
  altGraph: new Map(Object.entries(layout.altGraph)),
});

const keyMaps: Readonly<Record<WedgeLayout, KeyMap>> = {
  us: keyMapOf(layoutRows.us),
  de: keyMapOf(layoutRows.de),
  fr: keyMapOf(layoutRows.fr),
};

const numpad: Readonly<Record<string, string>> = {
  NumpadAdd: '+',
  NumpadSubtract: '-',
  NumpadMultiply: '*',
  NumpadDivide: '/',
  NumpadDecimal: '.',
};

/** Ctrl and a key of the control range `@`…`_` is how wedges send control characters: Ctrl+] is GS. */
const controlOf = (press: KeyPress, map: KeyMap): string | undefined => {
  // GS is sent as Ctrl and the US position of `]`, whatever the layout.
  const char =
    press.code === 'BracketRight' ? ']' : (map.plain.get(press.code) ?? '').toUpperCase();
  return /^[@-_]$/.test(char) ? String.fromCharCode(char.charCodeAt(0) & 0x1f) : undefined;
};

/**
 * The character that a scanner set to `layout` means by a key, whatever layout the computer
 * has. Undefined for keys that are not for typing.
 */
export const charOf = (press: KeyPress, layout: WedgeLayout): string | undefined => {
  const map = keyMaps[layout];
  if (press.altGraph || (press.ctrlKey && press.altKey)) return map.altGraph.get(press.code);
  if (press.altKey) return undefined;
  if (press.ctrlKey) return controlOf(press, map);
  const digit = /^Numpad(\d)$/.exec(press.code)?.[1];
  return digit ?? numpad[press.code] ?? (press.shiftKey ? map.shift : map.plain).get(press.code);
};

/** Removes the space that a dead key needs to stand alone. */
export const joinDeadKeys = (text: string, layout: WedgeLayout): string =>
  [...layoutRows[layout].dead].reduce((joined, dead) => joined.replaceAll(`${dead} `, dead), text);

/**
 * The layouts in which `presses` read as `expected`: a calibration code with letters, digits
 * and signs is shown on screen, and what the scanner sends tells how it is set.
 */
export const layoutsThatRead = (
  presses: readonly KeyPress[],
  expected: string,
): readonly WedgeLayout[] =>
  wedgeLayouts.filter(
    (layout) =>
      joinDeadKeys(presses.map((press) => charOf(press, layout) ?? '').join(''), layout) ===
      expected,
  );
