import { expect, test } from 'vitest';
import { CHALLENGE_STEPS, FRAME_FAULTS } from '../../../../agent/contract/index.ts';
import type { CaptureEnd, CaptureNotice } from '../../../../ui/app/face-capture/capture-camera.ts';
import { en } from '../../../../ui/app/i18n/en.ts';
import { zhCN } from '../../../../ui/app/i18n/zh-cn.ts';

/** The compiler refuses a list that misses one. */
const ENDS: Readonly<Record<CaptureEnd, true>> = {
  absent: true,
  denied: true,
  busy: true,
  unplugged: true,
  'model-missing': true,
  failed: true,
  hidden: true,
  over: true,
};
const NOTICES: Readonly<Record<NonNullable<CaptureNotice>, true>> = { dark: true, slow: true };

test.each([
  ['zh-CN', zhCN],
  ['en', en],
] as const)(
  'in %s every end and notice has a sentence and a remedy, every fault and step a request',
  (_, words) => {
    const { end, endHint, notice, noticeHint, fault, challenge } = words.faceCapture;
    expect(Object.keys(end).sort()).toEqual(Object.keys(ENDS).sort());
    expect(Object.keys(endHint).sort()).toEqual(Object.keys(ENDS).sort());
    expect(Object.keys(notice).sort()).toEqual(Object.keys(NOTICES).sort());
    expect(Object.keys(noticeHint).sort()).toEqual(Object.keys(NOTICES).sort());
    expect(Object.keys(fault).sort()).toEqual([...FRAME_FAULTS].sort());
    for (const step of [...CHALLENGE_STEPS, 'look' as const, 'passed' as const, 'failed' as const])
      expect(challenge[step]).toMatch(/\S/);
    // Somebody without a camera pays and collects as always.
    expect(endHint.absent).toMatch(/card|会员卡/);
  },
);
