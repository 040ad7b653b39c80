import { type Burst, createBurst, type KeyKind, type TornReason } from './burst.ts';
import type { KeyPress } from './key-press.ts';
import type { WedgeLayout } from './layouts.ts';
import { likelyLayouts } from './likely-layout.ts';
import { isWritingKey, readKey } from './read-key.ts';
import { type ReadProblem, readPresses } from './read-presses.ts';
import { DEFAULT_WEDGE_SETTINGS, type WedgeSettings } from './wedge-settings.ts';

export interface WedgeScan {
  readonly text: string;
  readonly aim?: string;
}

/** Why a code was thrown away; a person reads it and scans again, or calibrates. */
export type WedgeRefusal =
  | { readonly code: TornReason | ReadProblem | 'no-prefix' }
  /** The keys make sense in these layouts and not in the set one. */
  | { readonly code: 'other-layout'; readonly layouts: readonly WedgeLayout[] };

export interface WedgeOptions {
  readonly settings?: Partial<WedgeSettings>;
  readonly end?: 'suffix' | 'timeout';
  readonly nowMs: () => number;
  readonly onScan: (scan: WedgeScan) => void;
  /** Its characters are gone: half a code, or a misread one, is never handed on. */
  readonly onRefused?: (refusal: WedgeRefusal) => void;
}

const SUFFIX_KEYS: ReadonlySet<string> = new Set(['Enter', 'NumpadEnter', 'Tab']);
/** Ctrl+I, Ctrl+J and Ctrl+M: Tab, line feed and carriage return of a scanner that sends control characters. */
const SUFFIX_CHARS: ReadonlySet<string> = new Set(['\t', '\n', '\r']);
/** Control characters that codes carry: EOT, FS, GS, RS and US (ISO/IEC 15434; GS is FNC1 of GS1). */
const CODE_CONTROLS: ReadonlySet<string> = new Set([
  '\u0004',
  '\u001c',
  '\u001d',
  '\u001e',
  '\u001f',
]);

/**
 * Reads a keyboard-wedge scanner by physical keys in the layout that the scanner is set to, and splits off its AIM
 * identifier. See {@link createBurst} for how it is told from a person.
 */
export const createWedge = (options: WedgeOptions): Burst => {
  const { layout, prefix, capsLock } = { ...DEFAULT_WEDGE_SETTINGS, ...options.settings };
  const follows = capsLock === 'followed';
  const refuse = (refusal: WedgeRefusal): void => options.onRefused?.(refusal);

  const classify = (press: KeyPress & { readonly metaKey: boolean }): KeyKind => {
    if (press.metaKey) return 'other';
    if (SUFFIX_KEYS.has(press.code)) return 'suffix';
    const char = readKey(press, layout, follows)?.char;
    if (char === undefined) {
      const isShortcut = press.ctrlKey !== press.altKey && !press.altGraph;
      return isWritingKey(press) && !isShortcut ? 'foreign' : 'other';
    }
    if (char < ' ' && char === prefix.charAt(0)) return 'start';
    if (SUFFIX_CHARS.has(char)) return 'suffix';
    return char >= ' ' || CODE_CONTROLS.has(char) ? 'typed' : 'other';
  };

  const onBurst = (presses: readonly KeyPress[], capsToggled: boolean): void => {
    const layouts = likelyLayouts(presses, layout, prefix);
    if (layouts.length > 0) return refuse({ code: 'other-layout', layouts });
    const read = readPresses(presses, layout, follows || capsToggled);
    if (!read.ok) return refuse({ code: read.error });
    // A code whose head was lost, for want of the focus, lacks the mark that it should begin with.
    if (!read.value.startsWith(prefix)) return refuse({ code: 'no-prefix' });
    const code = read.value.slice(prefix.length);
    if (code === '') return;
    const [, aim, rest] = /^(\][A-Za-z][0-9A-Za-z])([\s\S]+)$/.exec(code) ?? [];
    options.onScan(aim === undefined || rest === undefined ? { text: code } : { text: rest, aim });
  };

  return createBurst({
    classify,
    end: options.end ?? 'suffix',
    nowMs: options.nowMs,
    onBurst,
    onTorn: (code) => refuse({ code }),
  });
};
