import { describe, expect, test } from 'vitest';
import {
  CALIBRATION_TEXT,
  CALIBRATION_TEXT_GS,
  type CalibrationVerdict,
  createCalibrator,
  judgeCalibration,
} from '../../../../ui/app/wedge/calibration.ts';
import { type KeyPress, plainPress } from '../../../../ui/app/wedge/key-press.ts';
import { wedgeLayouts } from '../../../../ui/app/wedge/layouts.ts';
import { pressesOf } from '../../../support/wedge-presses.ts';

const found = { kind: 'found', prefix: '', capsLock: 'ignored' } as const;
/** The letters' case as a scanner sends it that turns them round. */
const turned = (presses: readonly KeyPress[]): KeyPress[] =>
  presses.map((press) =>
    press.code.startsWith('Key') ? { ...press, shiftKey: !press.shiftKey } : press,
  );

describe('the calibration code', () => {
  test.each(wedgeLayouts)('tells a scanner set to %s from all others', (layout) => {
    expect(judgeCalibration(pressesOf(CALIBRATION_TEXT, layout))).toEqual({
      ...found,
      layout,
      gs: 'not-asked',
    });
  });

  test('is read behind an AIM identifier, and what comes before that is the start mark', () => {
    const presses = pressesOf(`~${']Q1'}${CALIBRATION_TEXT_GS}`, 'de');
    expect(judgeCalibration(presses)).toEqual({ ...found, layout: 'de', prefix: '~', gs: 'sent' });
  });

  test('tells when GS is lost on the way', () => {
    const presses = pressesOf(CALIBRATION_TEXT_GS.replace('\u001d', ''), 'us');
    expect(judgeCalibration(presses)).toEqual({ ...found, layout: 'us', gs: 'lost' });
  });

  test('with letters turned round is the scanner following Caps Lock, where that is on', () => {
    const presses = turned(pressesOf(CALIBRATION_TEXT, 'fr'));
    const withCaps = presses.map((press) => ({ ...press, capsLock: true }));
    expect(judgeCalibration(withCaps)).toMatchObject({
      kind: 'found',
      layout: 'fr',
      capsLock: 'followed',
    });
    expect(judgeCalibration(presses)).toEqual({ kind: 'letters-turned', layout: 'fr' });
  });

  test.each([
    ['another text', pressesOf('6901234567892', 'us')],
    ['nothing', []],
    [
      'a text before it that is too long for a start mark',
      pressesOf(`abcde${CALIBRATION_TEXT}`, 'us'),
    ],
  ])('is not %s', (_, presses) => {
    expect(judgeCalibration(presses)).toEqual({ kind: 'unknown-layout' });
  });
});

/** Digits of a French keyboard stand on its keys with Shift. */
const shifted = (presses: readonly KeyPress[]): KeyPress[] =>
  presses.map((press) => ({ ...press, shiftKey: press.code.startsWith('Digit') }));

describe('the calibrator', () => {
  const play = (presses: readonly KeyPress[], waitMs: number): CalibrationVerdict[] => {
    const verdicts: CalibrationVerdict[] = [];
    let nowMs = 0;
    const reader = createCalibrator(
      () => nowMs,
      (verdict) => verdicts.push(verdict),
    );
    for (const press of presses) {
      nowMs += 5;
      reader.keydown({ ...press, key: '', metaKey: false, repeat: false });
    }
    nowMs += waitMs;
    reader.expire();
    return verdicts;
  };

  test('judges a code at its Enter', () => {
    const presses = [...pressesOf(CALIBRATION_TEXT, 'ja'), plainPress('Enter')];
    expect(play(presses, 0)).toEqual([{ ...found, layout: 'ja', gs: 'not-asked' }]);
  });

  test('says that a scanner sends no Enter', () => {
    expect(play(pressesOf(CALIBRATION_TEXT, 'us'), 200)).toEqual([{ kind: 'no-suffix' }]);
  });

  test('finds the layout of a scanner that sends a function key for GS, and says that GS is lost', () => {
    const keys = ['F8', 'Digit7', 'Enter'].map(plainPress);
    expect(play([...pressesOf(CALIBRATION_TEXT, 'fr'), ...shifted(keys)], 0)).toEqual([
      { ...found, layout: 'fr', gs: 'lost' },
    ]);
  });

  test('says that a scanner sends keys that write nothing', () => {
    const presses = [...pressesOf('Zy-09', 'us'), plainPress('Insert')];
    expect(play(presses, 0)).toEqual([{ kind: 'unknown-layout' }]);
  });
});
