import { altPress, type KeyPress, type WedgeKey } from './key-press.ts';

/** Keys further apart than this are a person's (Odoo's figure for scanners, too). */
export const WEDGE_GAP_MS = 50;
/** So many keys in a row at that speed are taken for a scanner. */
export const WEDGE_MIN_KEYS = 4;
/** Most keys of one code; a longer burst is thrown away whole. */
export const WEDGE_MAX_KEYS = 4_096;
/** No person types more keys than this within the gap, or keeps up this mean gap. */
export const HUMAN_MAX_KEYS = 7;
export const HUMAN_MIN_MEAN_GAP_MS = 25;
/** How long after a torn code its tail and its late suffix are still swallowed. */
export const TORN_TAIL_MS = 500;
/** A code that begins so soon behind fast keys is the rest of theirs: the scanner faltered. */
export const FALTER_MS = 150;
/** A single key counts as a code's head, too, where nothing was typed for so long before it. */
export const SILENCE_MS = 1_000;
/** Longest Alt code: a zero and three digits. */
const ALT_CODE_DIGITS_MAX = 4;

/** `start`: only a scanner sends it, and a code begins with it. `foreign`: writes in other layouts than the set one. */
export type KeyKind = 'typed' | 'suffix' | 'start' | 'foreign' | 'other';
export type TornReason = 'no-suffix' | 'unmapped' | 'over-long';

export interface WedgeAnswer {
  /** The key is the scanner's: keep it from the page. */
  readonly preventDefault: boolean;
  /** `remember` the focused field before this key; `restore` it to that. */
  readonly field?: 'remember' | 'restore';
  /** A person's text that was taken for a burst: put it where the field was restored. */
  readonly giveBack?: string;
}

export interface BurstOptions {
  readonly classify: (press: KeyPress & { readonly metaKey: boolean }) => KeyKind;
  /** `suffix`: Enter or Tab ends a code, and a code without it is torn. `timeout`: a pause ends it. */
  readonly end: 'suffix' | 'timeout';
  readonly nowMs: () => number;
  /** A whole code by its keys. `capsToggled`: the scanner itself pressed Caps Lock within it. */
  readonly onBurst: (presses: readonly KeyPress[], capsToggled: boolean) => void;
  /** A code that stopped in the middle. Its keys are gone. */
  readonly onTorn: (reason: TornReason) => void;
}

export interface Burst {
  keydown(press: WedgeKey): WedgeAnswer;
  /** Only Alt keys matter: letting go of one ends an Alt code. */
  keyup(press: Pick<WedgeKey, 'code' | 'timeMs'>): WedgeAnswer;
  /** Ends a burst whose next key has not come. Call at `deadlineMs`. */
  expire(): WedgeAnswer;
  deadlineMs(): number | null;
  /** The window lost the focus: what is open is torn. */
  abandon(): WedgeAnswer;
}

const PASS: WedgeAnswer = { preventDefault: false };
const SWALLOW: WedgeAnswer = { preventDefault: true };
const SHIFT_KEYS = /^(?:Shift|Control|Meta)(?:Left|Right)$|^NumLock$/;
/** A person corrects with these; no scanner sends them. */
const EDITING_KEYS = /^(?:Backspace|Delete|Escape|Home|End|Page(?:Up|Down)|Arrow\w+)$/;

/**
 * Tells a keyboard-wedge scanner from a person by speed and keeps it out of the form with the focus.
 *
 * The first keys of a burst cannot be known for a scanner's. Holding them back until the next one comes would delay
 * every key a person types, and typing them afterwards by script breaks input methods, undo and password fields. So
 * they go through; when the fourth fast key shows that it is a scanner, the field is put back to what it was before the
 * first, and from there every key is swallowed. Should the burst turn out to be a fast person after all (short, not
 * quite machine speed, and no suffix), the text is given back. What goes to an input method cannot be given back, so
 * there it takes more keys than a person types within the gap.
 */
export const createBurst = (options: BurstOptions): Burst => {
  let phase: 'idle' | 'gathering' | 'burst' | 'torn' | 'done' = 'idle';
  let presses: KeyPress[] = [];
  let typed = '';
  let started = false;
  let firstAtMs = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let capsAtMs = Number.NEGATIVE_INFINITY;
  let tornUntilMs = Number.NEGATIVE_INFINITY;
  /** Last of the fast keys that were taken for a person's and may have been a code's head. */
  let headAtMs = Number.NEGATIVE_INFINITY;
  let headWhy: TornReason = 'no-suffix';
  /** What is open began right behind such keys. */
  let faltered = false;
  /** What is open began out of a silence. */
  let fromSilence = false;
  let altRight = false;
  /** Digits of the Alt code that is being typed. */
  let altCode: string | null = null;

  const clear = (next: 'idle' | 'done' = 'idle'): void => {
    phase = next;
    presses = [];
    typed = '';
    started = false;
  };

  const tear = (reason: TornReason): WedgeAnswer => {
    clear();
    phase = 'torn';
    tornUntilMs = lastAtMs + TORN_TAIL_MS;
    options.onTorn(reason);
    return SWALLOW;
  };

  const deliver = (): WedgeAnswer => {
    const whole = presses;
    const capsToggled = capsAtMs >= firstAtMs - WEDGE_GAP_MS;
    const isWhole = started || !faltered;
    clear('done');
    if (isWhole) options.onBurst(whole, capsToggled);
    else options.onTorn(headWhy);
    return SWALLOW;
  };

  const looksHuman = (): boolean =>
    presses.length <= HUMAN_MAX_KEYS &&
    (lastAtMs - firstAtMs) / (presses.length - 1) >= HUMAN_MIN_MEAN_GAP_MS;

  const leaveHead = (atMs: number, why: TornReason): void => {
    headAtMs = atMs;
    headWhy = why;
  };

  /** What was taken for a burst is a person's. */
  const giveUp = (): WedgeAnswer => {
    const giveBack = typed;
    leaveHead(lastAtMs, 'no-suffix');
    clear();
    return { preventDefault: false, giveBack };
  };

  /** The burst stopped and is no code: torn, or a person's. */
  const breakOff = (): WedgeAnswer => {
    // A start character alone was somebody's key combination.
    if (started && presses.length === 1) {
      clear();
      return PASS;
    }
    if (started || !looksHuman()) return { ...tear('no-suffix'), preventDefault: false };
    return giveUp();
  };

  /** The next key did not come in time. */
  const endBurst = (): WedgeAnswer =>
    options.end === 'timeout' ? { ...deliver(), preventDefault: false } : breakOff();

  /** What a person would see of the key, to be given back. */
  const seen = ({ key, ctrlKey, altKey }: WedgeKey): string =>
    key.length === 1 && ctrlKey === altKey ? key : '';

  /** The keys so far stay in the page; what follows them at once is not a code of its own. */
  const noteHead = (): void => {
    if (phase === 'gathering' && (presses.length > 1 || fromSilence))
      leaveHead(lastAtMs, 'no-suffix');
  };

  const begin = (kind: KeyKind, press: WedgeKey, atMs: number): WedgeAnswer => {
    noteHead();
    faltered = atMs - headAtMs <= FALTER_MS;
    fromSilence = atMs - lastAtMs > SILENCE_MS;
    presses = [press];
    typed = seen(press);
    firstAtMs = atMs;
    started = kind === 'start';
    phase = started ? 'burst' : 'gathering';
    return { preventDefault: started, field: 'remember' };
  };

  const goOn = (press: WedgeKey): WedgeAnswer => {
    if (presses.length >= WEDGE_MAX_KEYS) return tear('over-long');
    presses.push(press);
    typed += seen(press);
    if (phase === 'burst') return SWALLOW;
    const enough = press.composing === true ? HUMAN_MAX_KEYS + 1 : WEDGE_MIN_KEYS;
    if (presses.length < enough) return PASS;
    phase = 'burst';
    return { preventDefault: true, field: 'restore' };
  };

  const isTail = (kind: KeyKind, { repeat }: WedgeKey, atMs: number, gapMs: number): boolean => {
    const fast = gapMs <= WEDGE_GAP_MS && !repeat;
    // A tail at machine speed may be longer than the window; a person's typing does not stretch it.
    if (fast) tornUntilMs = Math.max(tornUntilMs, atMs + TORN_TAIL_MS);
    // A key that writes nothing is a shortcut's, unless the scanner's pace shows that it is no person's.
    return fast || (kind !== 'other' && atMs <= tornUntilMs);
  };

  const take = (press: WedgeKey, atMs: number, gapMs: number): WedgeAnswer => {
    const kind = options.classify(press);
    const writes = kind === 'typed' || kind === 'start';
    if (phase === 'torn') {
      if (isTail(kind, press, atMs, gapMs)) {
        if (kind === 'suffix') clear('done');
        return SWALLOW;
      }
      clear();
    }
    // Some scanners end a code by two keys, such as Tab and Enter; the second must not submit a form.
    if (phase === 'done') {
      if (kind === 'suffix' && gapMs <= WEDGE_GAP_MS) return SWALLOW;
      clear();
    }
    if (phase === 'burst') {
      if (kind === 'suffix') return deliver();
      if (writes) return goOn(press);
      return EDITING_KEYS.test(press.code) && !started && looksHuman()
        ? giveUp()
        : tear('unmapped');
    }
    const near = phase === 'gathering' && gapMs <= WEDGE_GAP_MS;
    if (kind === 'suffix' && near && presses.length >= WEDGE_MIN_KEYS && !looksHuman())
      return { ...deliver(), field: 'restore' };
    if (!writes || press.repeat) {
      // No finger repeats a key so soon: it is a scanner's second one, and the code has lost its head here.
      if (kind === 'foreign' || (press.repeat && near)) leaveHead(atMs, 'unmapped');
      clear();
      return PASS;
    }
    return near ? goOn(press) : begin(kind, press, atMs);
  };

  /** Keys that write nothing by themselves still show that a burst goes on. */
  const touch = (atMs: number): WedgeAnswer => {
    if (phase !== 'idle' && atMs - lastAtMs <= WEDGE_GAP_MS) lastAtMs = atMs;
    return phase === 'burst' || phase === 'torn' ? SWALLOW : PASS;
  };

  const handle = (press: WedgeKey, atMs: number): WedgeAnswer => {
    const gapMs = atMs - lastAtMs;
    const ended = phase === 'burst' && gapMs > WEDGE_GAP_MS ? endBurst() : PASS;
    const answer = take(press, atMs, gapMs);
    lastAtMs = atMs;
    return ended.giveBack === undefined ? answer : { ...answer, giveBack: ended.giveBack };
  };

  return {
    keydown(press) {
      const atMs = press.timeMs ?? options.nowMs();
      const { code } = press;
      if (SHIFT_KEYS.test(code)) return PASS;
      if (code === 'CapsLock') {
        capsAtMs = atMs;
        return PASS;
      }
      if (code === 'AltRight') altRight = true;
      if (code === 'AltLeft') altCode ??= '';
      if (code === 'AltRight' || code === 'AltLeft') return touch(atMs);
      if (!press.altKey) {
        // A letting go that never came, as where the window had no focus.
        altCode = null;
        if (!press.altGraph) altRight = false;
      }
      // A key that stays down repeats at scanner speed, and is a person's finger; but the scanner's own last key again
      // is a doubled character whose letting go was lost, or not, and nobody can say which.
      if (press.repeat && phase === 'burst' && atMs - lastAtMs <= WEDGE_GAP_MS)
        return presses.at(-1)?.code === code ? tear('unmapped') : SWALLOW;
      const digit = /^Numpad(\d)$/.exec(code)?.[1];
      if (altCode !== null && press.altKey && digit !== undefined) {
        altCode = (altCode + digit).slice(0, ALT_CODE_DIGITS_MAX + 1);
        return touch(atMs);
      }
      return handle({ ...press, altGraph: press.altGraph || altRight }, atMs);
    },
    keyup({ code, timeMs }) {
      if (code === 'AltRight') altRight = false;
      if (code !== 'AltLeft' || altCode === null) return PASS;
      const digits = altCode;
      altCode = null;
      return digits === '' ? PASS : handle(altPress(digits), timeMs ?? options.nowMs());
    },
    expire() {
      if (phase !== 'burst' || options.nowMs() - lastAtMs <= WEDGE_GAP_MS) return PASS;
      return endBurst();
    },
    deadlineMs: () => (phase === 'burst' ? lastAtMs + WEDGE_GAP_MS + 1 : null),
    abandon() {
      altRight = false;
      altCode = null;
      if (phase === 'burst') return breakOff();
      noteHead();
      if (phase !== 'torn') clear();
      return PASS;
    },
  };
};
