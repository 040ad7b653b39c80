import type { CDPSession, Page } from 'playwright-core';
import { type KeyPress, plainPress } from '../../ui/app/wedge/key-press.ts';
import type { WedgeLayout } from '../../ui/app/wedge/layouts.ts';
import { readKey } from '../../ui/app/wedge/read-key.ts';
import { pressesOf } from './wedge-presses.ts';

export const SCANNER_GAP_MS = 5;
/** Bits of `Input.dispatchKeyEvent`. */
const [ALT, CTRL] = [1, 2];
export const SHIFT = 8;

/** One key as the operating system reports it. */
export interface Stroke {
  readonly code: string;
  readonly key: string;
  readonly text?: string;
  readonly modifiers?: number;
  /** How much later than at the scanner's pace it goes down, in milliseconds. */
  readonly lateMs?: number;
}

export const ENTER: Stroke = { code: 'Enter', key: 'Enter', text: '\r' };

/** A key as a computer with the layout `computer` reports it: `code` is the place, `key` what the layout makes of it. */
export function strokeOf(press: KeyPress, computer: WedgeLayout): Stroke {
  const modifiers =
    (press.shiftKey ? SHIFT : 0) |
    (press.ctrlKey ? CTRL : 0) |
    // As Windows reports AltGr.
    (press.altGraph ? CTRL | ALT : 0);
  const read = readKey(press, computer);
  const key = read === undefined ? 'Unidentified' : read.dead ? 'Dead' : read.char;
  const writes = read !== undefined && !read.dead && !press.ctrlKey && read.char >= ' ';
  return { code: press.code, key, modifiers, ...(writes ? { text: key } : {}) };
}

/** The keys of a code from a scanner set to one layout at a computer set to another, without Enter. */
export function strokesOf(
  text: string,
  scanner: WedgeLayout = 'us',
  computer: WedgeLayout = scanner,
): Stroke[] {
  return pressesOf(text, scanner).map((press) => strokeOf(press, computer));
}

/**
 * Presses keys with the moment each went down written into the event, so that a slow machine does not make a scanner
 * look like a person.
 */
export async function pressKeys(
  keys: CDPSession,
  strokes: readonly Stroke[],
  gapMs = SCANNER_GAP_MS,
  startMs = Date.now(),
): Promise<void> {
  let atMs = startMs;
  await Promise.all(
    strokes.flatMap(({ code, key, text, modifiers = 0, lateMs = 0 }) => {
      atMs += gapMs + lateMs;
      const common = { code, key, modifiers, timestamp: atMs / 1_000 };
      return [
        keys.send('Input.dispatchKeyEvent', {
          type: text === undefined ? 'rawKeyDown' : 'keyDown',
          ...common,
          ...(text === undefined ? {} : { text }),
        }),
        keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common }),
      ];
    }),
  );
}

/** Types a code the way a keyboard-mode scanner does: physical keys, Enter at the end. */
export async function scanByWedge(
  page: Page,
  code: string,
  scanner: WedgeLayout = 'us',
): Promise<void> {
  const keys = await page.context().newCDPSession(page);
  await pressKeys(keys, [...strokesOf(code, scanner), ENTER]);
  await keys.detach();
}

/** A key that went to an input method. */
export const composed = (code: string): Stroke => ({ ...plainPress(code), key: 'Process' });
