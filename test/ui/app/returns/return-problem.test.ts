import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../../agent/contract/errors.ts';
import { whatNext } from '../../../../ui/app/returns/return-problem.tsx';

/** Answers the key with the facts that are put into its sentence. */
const t = ((key: string, facts: object = {}) =>
  [key, ...Object.values(facts)].join(' ')) as unknown as TFunction<'screen'>;
const format = { day: (day: string) => `<${day}>`, number: String };
const next = (code: ErrorCode, data?: Record<string, unknown>) => {
  const { message, hint } = ERRORS[code];
  return whatNext({ code, message, hint, ...(data === undefined ? {} : { data }) }, t, format);
};

describe('what to do about a refused return', () => {
  it.each([
    ['return-window-over', { until: '2026-11-26' }, 'returns.windowOver <2026-11-26>'],
    ['return-elsewhere', { tillId: 'sh-02-till-3' }, 'returns.elsewhere sh-02-till-3'],
    ['gift-not-due', { due: 1 }, 'returns.giftNotDue 1'],
    ['return-too-much', { unitsLeft: 0 }, 'returns.tooMuch 0'],
    ['return-quote-differs', undefined, 'returns.quoteDiffers'],
  ] as const)('%s names its fact to the person at the counter', (code, data, sentence) => {
    expect(next(code, data)).toBe(sentence);
  });

  it('is the hint of the refusal where that says it all, or the fact is missing', () => {
    expect(next('sale-not-here')).toBeNull();
    expect(next('return-window-over')).toBeNull();
    expect(next('return-window-over', { until: { day: 1 } })).toBeNull();
  });
});
