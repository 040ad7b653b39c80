import { charOf, joinDeadKeys, type KeyPress, type WedgeLayout } from './wedge-layouts.ts';

/** Keys further apart than this are a person's (Odoo's figure for scanners, too). */
export const WEDGE_GAP_MS = 50;
/** So many keys in a row at that speed are taken for a scanner. */
export const WEDGE_MIN_CHARS = 4;
/** Longest code; a longer burst is thrown away whole. */
export const WEDGE_MAX_CHARS = 4_096;
/** No person types this many keys within the gap, or keeps up this mean gap. */
export const HUMAN_MAX_CHARS = 7;
export const HUMAN_MIN_MEAN_GAP_MS = 25;
/** How long after a torn code its tail and its late suffix are still swallowed. */
export const TORN_TAIL_MS = 500;

/** What the wedge needs of a DOM keydown event. */
export type WedgeKey = KeyPress & {
  /** `KeyboardEvent.key`: what a person would have typed. */
  readonly key: string;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  /** `Event.timeStamp`: when the key went down. A page that was busy handles many keys at one moment. */
  readonly timeMs?: number;
};

export type WedgeScan = { readonly text: string; readonly aim?: string };

export type WedgeAnswer = {
  /** The key is the scanner's: keep it from the page. */
  readonly preventDefault: boolean;
  /** `remember` the focused field before this key; `restore` it to that. */
  readonly field?: 'remember' | 'restore';
  /** A person's text that was taken for a burst: put it where the field was restored. */
  readonly giveBack?: string;
};

export type WedgeOptions = {
  readonly layout?: WedgeLayout;
  /** `suffix`: Enter or Tab ends a code, and a code without it is torn. `timeout`: a pause ends it. */
  readonly end?: 'suffix' | 'timeout';
  readonly nowMs: () => number;
  readonly onScan: (scan: WedgeScan) => void;
  /** A code that stopped in the middle: ask for another scan. Its characters are gone. */
  readonly onTorn?: (reason: 'no-suffix' | 'garbage' | 'over-long') => void;
};

export type Wedge = {
  keydown(press: WedgeKey): WedgeAnswer;
  /** Ends a burst whose next key has not come. Call at `deadlineMs`. */
  expire(): WedgeAnswer;
  deadlineMs(): number | null;
  /** The window lost the focus: what is open is torn. */
  abandon(): WedgeAnswer;
};

const PASS: WedgeAnswer = { preventDefault: false };
const SWALLOW: WedgeAnswer = { preventDefault: true };
const GS = '\u001d';
const SUFFIX_KEYS: ReadonlySet<string> = new Set(['Enter', 'NumpadEnter', 'Tab']);
/** Ctrl+I, Ctrl+J and Ctrl+M: Tab, line feed and carriage return of a wedge that sends control characters. */
const SUFFIX_CHARS: ReadonlySet<string> = new Set(['\t', '\n', '\r']);
const MODIFIER_KEYS = /^(?:Shift|Control|Alt|Meta)(?:Left|Right)$|^(?:CapsLock|NumLock)$/;

const isTyped = (char: string | undefined): char is string =>
  char !== undefined && (char >= ' ' || char === GS);

/**
 * Tells a keyboard-wedge scanner from a person by speed, reads it by physical keys, and
 * keeps it out of the form with the focus.
 *
 * The first keys of a burst cannot be known for a scanner's. Holding them back until the
 * next one comes would delay every key a person types, and typing them afterwards by script
 * breaks input methods, undo and password fields. So they go through; when the fourth fast
 * key shows that it is a scanner, the field is put back to what it was before the first, and
 * from there every key is swallowed. Should the burst turn out to be a fast person after all
 * (short, not quite machine speed, and no suffix), the text is given back.
 */
export const createWedge = (options: WedgeOptions): Wedge => {
  const layout = options.layout ?? 'us';
  let phase: 'idle' | 'gathering' | 'burst' | 'torn' = 'idle';
  let chars = '';
  let typed = '';
  let firstAtMs = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let tornUntilMs = Number.NEGATIVE_INFINITY;

  const clear = (): void => {
    phase = 'idle';
    chars = '';
    typed = '';
  };

  const tear = (reason: 'no-suffix' | 'garbage' | 'over-long'): WedgeAnswer => {
    clear();
    phase = 'torn';
    tornUntilMs = lastAtMs + TORN_TAIL_MS;
    options.onTorn?.(reason);
    return SWALLOW;
  };

  const deliver = (): WedgeAnswer => {
    const [, aim, rest] =
      /^(\][A-Za-z][0-9A-Za-z])([\s\S]+)$/.exec(joinDeadKeys(chars, layout)) ?? [];
    const text = rest ?? joinDeadKeys(chars, layout);
    clear();
    options.onScan({ text, ...(aim === undefined ? {} : { aim }) });
    return SWALLOW;
  };

  const looksHuman = (): boolean =>
    chars.length <= HUMAN_MAX_CHARS &&
    (lastAtMs - firstAtMs) / (chars.length - 1) >= HUMAN_MIN_MEAN_GAP_MS;

  /** The burst stopped and is no code: torn, or a person's. */
  const breakOff = (): WedgeAnswer => {
    if (!looksHuman()) return { ...tear('no-suffix'), preventDefault: false };
    const giveBack = typed;
    clear();
    return { preventDefault: false, giveBack };
  };

  /** The next key did not come in time. */
  const endBurst = (): WedgeAnswer =>
    options.end === 'timeout' ? { ...deliver(), preventDefault: false } : breakOff();

  const begin = (char: string, press: WedgeKey, atMs: number): WedgeAnswer => {
    phase = 'gathering';
    chars = char;
    typed = press.key.length === 1 ? press.key : '';
    firstAtMs = atMs;
    return { preventDefault: false, field: 'remember' };
  };

  const goOn = (char: string, press: WedgeKey): WedgeAnswer => {
    if (chars.length >= WEDGE_MAX_CHARS) return tear('over-long');
    chars += char;
    typed += press.key.length === 1 ? press.key : '';
    if (phase === 'burst') return SWALLOW;
    if (chars.length < WEDGE_MIN_CHARS) return PASS;
    phase = 'burst';
    return { preventDefault: true, field: 'restore' };
  };

  const isTail = (atMs: number, gapMs: number): boolean => {
    if (atMs > tornUntilMs && gapMs > WEDGE_GAP_MS) return false;
    // A tail at machine speed may be longer than the window; a person's typing does not stretch it.
    if (gapMs <= WEDGE_GAP_MS) tornUntilMs = Math.max(tornUntilMs, atMs + TORN_TAIL_MS);
    return true;
  };

  const take = (press: WedgeKey, atMs: number, gapMs: number): WedgeAnswer => {
    const char = press.metaKey ? undefined : charOf(press, layout);
    const isSuffix = SUFFIX_KEYS.has(press.code) || (char !== undefined && SUFFIX_CHARS.has(char));
    if (phase === 'torn') {
      if (isTail(atMs, gapMs) && (isSuffix || isTyped(char))) {
        if (isSuffix) clear();
        return SWALLOW;
      }
      clear();
    }
    if (phase === 'burst') {
      if (isSuffix) return deliver();
      return isTyped(char) ? goOn(char, press) : tear('garbage');
    }
    if (!isTyped(char) || press.repeat) {
      clear();
      return PASS;
    }
    return phase === 'gathering' && gapMs <= WEDGE_GAP_MS
      ? goOn(char, press)
      : begin(char, press, atMs);
  };

  return {
    keydown(press) {
      if (MODIFIER_KEYS.test(press.code)) return PASS;
      const atMs = press.timeMs ?? options.nowMs();
      const gapMs = atMs - lastAtMs;
      // A key that stays down repeats at scanner speed, and is a person's finger.
      if (press.repeat && phase === 'burst') return SWALLOW;
      const ended = phase === 'burst' && gapMs > WEDGE_GAP_MS ? endBurst() : PASS;
      const answer = take(press, atMs, gapMs);
      lastAtMs = atMs;
      return ended.giveBack === undefined ? answer : { ...answer, giveBack: ended.giveBack };
    },
    expire() {
      if (phase !== 'burst' || options.nowMs() - lastAtMs <= WEDGE_GAP_MS) return PASS;
      return endBurst();
    },
    deadlineMs: () => (phase === 'burst' ? lastAtMs + WEDGE_GAP_MS + 1 : null),
    abandon() {
      if (phase === 'burst') return breakOff();
      clear();
      return PASS;
    },
  };
};
