/** Keyboard layouts that a scanner can be set to send in; China uses the one of the US. */
export const wedgeLayouts = ['us', 'uk', 'de', 'fr', 'be', 'es', 'it', 'pt-br', 'ja'] as const;
export type WedgeLayout = (typeof wedgeLayouts)[number];

/** The writing keys, row by row; the rows of each layout below name their characters in this order. */
export const KEY_ROWS: readonly (readonly string[])[] = [
  ['Backquote', ...[...'1234567890'].map((digit) => `Digit${digit}`), 'Minus', 'Equal'],
  [...[...'QWERTYUIOP'].map((letter) => `Key${letter}`), 'BracketLeft', 'BracketRight'],
  [...[...'ASDFGHJKL'].map((letter) => `Key${letter}`), 'Semicolon', 'Quote', 'Backslash'],
  ['IntlBackslash', ...[...'ZXCVBNM'].map((letter) => `Key${letter}`), 'Comma', 'Period', 'Slash'],
  ['IntlYen', 'IntlRo'],
];

export interface LayoutRows {
  /** Characters without and with Shift, a string a row; a space where the key gives none. */
  readonly plain: readonly string[];
  readonly shift: readonly string[];
  /** With AltGr, and with AltGr and Shift, by physical key. */
  readonly altGraph: Readonly<Record<string, string>>;
  readonly shiftAltGraph?: Readonly<Record<string, string>>;
  /** Keys that wait for the next one to put an accent on; `Shift+` and `AltGr+` name the level. */
  readonly dead: readonly string[];
  /** What the decimal key of the number pad gives; `.` where it is not said. */
  readonly decimal?: ',';
}

const BRACKETS_BY_ALT_GRAPH = { BracketLeft: '[', BracketRight: ']' } as const;

/** As the Windows layouts of these names have them, completed where those lack an ASCII character that X11's have. */
export const LAYOUT_ROWS: Readonly<Record<WedgeLayout, LayoutRows>> = {
  us: {
    plain: ['`1234567890-=', 'qwertyuiop[]', "asdfghjkl;'\\", '\\zxcvbnm,./'],
    shift: ['~!@#$%^&*()_+', 'QWERTYUIOP{}', 'ASDFGHJKL:"|', '|ZXCVBNM<>?'],
    altGraph: {},
    dead: [],
  },
  uk: {
    plain: ['`1234567890-=', 'qwertyuiop[]', "asdfghjkl;'#", '\\zxcvbnm,./'],
    shift: ['¬!"£$%^&*()_+', 'QWERTYUIOP{}', 'ASDFGHJKL:@~', '|ZXCVBNM<>?'],
    altGraph: {
      Backquote: '¦',
      Digit4: '€',
      KeyE: 'é',
      KeyU: 'ú',
      KeyI: 'í',
      KeyO: 'ó',
      KeyA: 'á',
    },
    dead: [],
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
    dead: ['Backquote', 'Equal', 'Shift+Equal'],
    decimal: ',',
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
    dead: ['BracketLeft', 'Shift+BracketLeft', 'AltGr+Digit2', 'AltGr+Digit7'],
  },
  be: {
    plain: ['²&é"\'(§è!çà)-', 'azertyuiop^$', 'qsdfghjklmùµ', '<wxcvbn,;:='],
    shift: ['³1234567890°_', 'AZERTYUIOP¨*', 'QSDFGHJKLM%£', '>WXCVBN?./+'],
    altGraph: {
      ...BRACKETS_BY_ALT_GRAPH,
      Digit1: '|',
      Digit2: '@',
      Digit3: '#',
      Digit6: '^',
      Digit9: '{',
      Digit0: '}',
      KeyE: '€',
      Quote: '´',
      Backslash: '`',
      IntlBackslash: '\\',
      Slash: '~',
    },
    dead: ['BracketLeft', 'Shift+BracketLeft', 'AltGr+Quote', 'AltGr+Backslash', 'AltGr+Slash'],
  },
  es: {
    plain: ["º1234567890'¡", 'qwertyuiop`+', 'asdfghjklñ´ç', '<zxcvbnm,.-'],
    shift: ['ª!"·$%&/()=?¿', 'QWERTYUIOP^*', 'ASDFGHJKLÑ¨Ç', '>ZXCVBNM;:_'],
    altGraph: {
      ...BRACKETS_BY_ALT_GRAPH,
      Backquote: '\\',
      Digit1: '|',
      Digit2: '@',
      Digit3: '#',
      Digit4: '~',
      Digit5: '€',
      Digit6: '¬',
      KeyE: '€',
      Quote: '{',
      Backslash: '}',
    },
    dead: ['BracketLeft', 'Shift+BracketLeft', 'Quote', 'Shift+Quote', 'AltGr+Digit4'],
  },
  it: {
    plain: ["\\1234567890'ì", 'qwertyuiopè+', 'asdfghjklòàù', '<zxcvbnm,.-'],
    shift: ['|!"£$%&/()=?^', 'QWERTYUIOPé*', 'ASDFGHJKLç°§', '>ZXCVBNM;:_'],
    altGraph: {
      ...BRACKETS_BY_ALT_GRAPH,
      Digit5: '€',
      Minus: '`',
      Equal: '~',
      KeyE: '€',
      Semicolon: '@',
      Quote: '#',
    },
    shiftAltGraph: { BracketLeft: '{', BracketRight: '}' },
    dead: [],
  },
  'pt-br': {
    plain: ["'1234567890-=", 'qwertyuiop´[', 'asdfghjklç~]', '\\zxcvbnm,.;', ' /'],
    shift: ['"!@#$%¨&*()_+', 'QWERTYUIOP`{', 'ASDFGHJKLÇ^}', '|ZXCVBNM<>:', ' ?'],
    altGraph: {
      Digit1: '¹',
      Digit2: '²',
      Digit3: '³',
      Digit4: '£',
      Digit5: '¢',
      Digit6: '¬',
      Equal: '§',
      KeyQ: '/',
      KeyW: '?',
      KeyE: '°',
      BracketRight: 'ª',
      Backslash: 'º',
    },
    dead: ['Shift+Digit6', 'BracketLeft', 'Shift+BracketLeft', 'Quote', 'Shift+Quote'],
    decimal: ',',
  },
  ja: {
    plain: [' 1234567890-^', 'qwertyuiop@[', 'asdfghjkl;:]', ' zxcvbnm,./', '\\\\'],
    shift: [' !"#$%&\'() =~', 'QWERTYUIOP`{', 'ASDFGHJKL+*}', ' ZXCVBNM<>?', '|_'],
    altGraph: {},
    dead: [],
  },
};
