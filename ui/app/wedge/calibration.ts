import { type Burst, createBurst, type KeyKind } from './burst.ts';
import type { KeyPress } from './key-press.ts';
import { type WedgeLayout, wedgeLayouts } from './layouts.ts';
import { isWritingKey } from './read-key.ts';
import { readPresses } from './read-presses.ts';
import { WEDGE_PREFIX_MAX } from './wedge-settings.ts';

/** Every two layouts spell this differently, so what the scanner sends of it tells its layout. */
export const CALIBRATION_TEXT = 'Zy-09/[@]';
const GS = '\u001d';
/** What follows GS in the square code, so that a lost GS is seen. */
const AFTER_GS = '7';
/** The square code: also asks whether the scanner sends GS, which divides the fields of a GS1 code. */
export const CALIBRATION_TEXT_GS = `${CALIBRATION_TEXT}${GS}${AFTER_GS}`;

/** What a scan of the calibration code tells. */
export type CalibrationVerdict =
  | {
      readonly kind: 'found';
      readonly layout: WedgeLayout;
      /** What the scanner sends before the AIM identifier or the code. */
      readonly prefix: string;
      readonly capsLock: 'ignored' | 'followed';
      readonly gs: 'sent' | 'lost' | 'not-asked';
    }
  /** Right but for capital and small letters, and Caps Lock is off: the scanner turns them round itself. */
  | { readonly kind: 'letters-turned'; readonly layout: WedgeLayout }
  /** Nothing ended the code: the scanner sends no Enter or Tab behind it. */
  | { readonly kind: 'no-suffix' }
  /** The layout is none of ours, or keys are sent that write nothing: the maker's US layout helps. */
  | { readonly kind: 'unknown-layout' };

const BEHIND: readonly (readonly [string, 'sent' | 'lost' | 'not-asked'])[] = [
  [CALIBRATION_TEXT_GS, 'sent'],
  [`${CALIBRATION_TEXT}${AFTER_GS}`, 'lost'],
  [CALIBRATION_TEXT, 'not-asked'],
];

/** Which calibration code `text` ends with, and what is before it without an AIM identifier. */
function match(
  text: string,
): { readonly prefix: string; readonly gs: 'sent' | 'lost' | 'not-asked' } | undefined {
  for (const [code, gs] of BEHIND) {
    if (!text.endsWith(code)) continue;
    const prefix = text.slice(0, -code.length).replace(/\][A-Za-z][0-9A-Za-z]$/, '');
    if (prefix.length <= WEDGE_PREFIX_MAX) return { prefix, gs };
  }
  return undefined;
}

const turned = (press: KeyPress): KeyPress =>
  /^Key[A-Z]$/.test(press.code) ? { ...press, shiftKey: !press.shiftKey } : press;

/** Some scanners send one of these for a control character; which, is theirs to know, so GS counts as lost. */
const FUNCTION_KEY = /^F\d{1,2}$/;

/** Judges the keys that a scanner sent for one of the calibration codes. */
export function judgeCalibration(sent: readonly KeyPress[]): CalibrationVerdict {
  const presses = sent.filter(({ code }) => !FUNCTION_KEY.test(code));
  const capsLock = presses.some((press) => press.capsLock);
  for (const layout of wedgeLayouts) {
    const asSent = readPresses(presses, layout);
    const found = asSent.ok ? match(asSent.value) : undefined;
    if (found !== undefined) return { kind: 'found', layout, capsLock: 'ignored', ...found };
  }
  for (const layout of wedgeLayouts) {
    const asTurned = readPresses(presses.map(turned), layout);
    const found = asTurned.ok ? match(asTurned.value) : undefined;
    if (found === undefined) continue;
    return capsLock
      ? { kind: 'found', layout, capsLock: 'followed', ...found }
      : { kind: 'letters-turned', layout };
  }
  return { kind: 'unknown-layout' };
}

/**
 * A reader of calibration codes: takes any keys at scanner speed, whatever the layout, and judges them.
 * @param onVerdict once for each code
 */
export function createCalibrator(
  nowMs: () => number,
  onVerdict: (verdict: CalibrationVerdict) => void,
): Burst {
  const classify = (press: KeyPress & { readonly metaKey: boolean }): KeyKind => {
    if (press.metaKey) return 'other';
    if (/^(?:Enter|NumpadEnter|Tab)$/.test(press.code)) return 'suffix';
    if (press.ctrlKey && /^Key[IJM]$/.test(press.code)) return 'suffix';
    return isWritingKey(press) || FUNCTION_KEY.test(press.code) ? 'typed' : 'other';
  };
  return createBurst({
    classify,
    end: 'suffix',
    nowMs,
    onBurst: (presses) => onVerdict(judgeCalibration(presses)),
    onTorn: (reason) =>
      onVerdict(reason === 'no-suffix' ? { kind: 'no-suffix' } : { kind: 'unknown-layout' }),
  });
}
