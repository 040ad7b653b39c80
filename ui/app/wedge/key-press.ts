/** One key as it went down, as far as it matters for what a scanner meant by it. */
export interface KeyPress {
  /** Physical key, `KeyboardEvent.code`. */
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  /** `getModifierState('AltGraph')` or the right Alt key held; Windows also reports it as Ctrl and Alt together. */
  readonly altGraph: boolean;
  /** `getModifierState('CapsLock')`. */
  readonly capsLock: boolean;
  /** Digits of the number pad typed with Alt held, e.g. `029`; `code` is that of the Alt key then. */
  readonly altCode?: string;
}

/** A key without modifiers. */
export const plainPress = (code: string): KeyPress => ({
  code,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  altGraph: false,
  capsLock: false,
});

/** What the wedge needs of a DOM keydown event. */
export interface WedgeKey extends KeyPress {
  /** `KeyboardEvent.key`: what a person would have typed. */
  readonly key: string;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  /** The key went to an input method, which holds what is typed until the person has chosen. */
  readonly composing?: boolean;
  /** `Event.timeStamp`: when the key went down. A page that was busy handles many keys at one moment. */
  readonly timeMs?: number;
}

/** An Alt code as one key. @param altCode its digits */
export const altPress = (altCode: string): WedgeKey => ({
  code: 'AltLeft',
  altCode,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  altGraph: false,
  capsLock: false,
  metaKey: false,
  repeat: false,
  // The computer types it behind this key's end, by a code page that nobody here knows.
  key: '',
});
