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
