import { assert } from '../../contract/result.ts';

/** Binary digits kept of the logarithm and of the number under it. */
const DIGITS = 24n;
const ONE = 1n << 60n;
/** ln 2, in units of 10^-12. */
const LN_2_PICO = 693_147_180_560n;
const PICO_PER_MILLI = 1_000_000_000n;

/**
 * The natural logarithm of a whole number in thousandths, rounded up: never less than it is, and at most one thousandth
 * more. Whole numbers only, because libraries of different machines round `Math.log` differently and a decision has to come
 * out the same everywhere. Digit by digit: squaring a number between 1 and 2 doubles its binary logarithm.
 * @param count a whole number from 1 on
 */
export function lnMilliNats(count: number): number {
  assert(Number.isSafeInteger(count) && count >= 1, 'a count is a whole number from 1 on');
  if (count === 1) return 0;
  const whole = BigInt(count.toString(2).length - 1);
  let rest = (BigInt(count) * ONE) >> whole;
  let log2 = whole;
  for (let digit = 0n; digit < DIGITS; digit += 1n) {
    rest = (rest * rest) / ONE;
    const doubled = rest >= 2n * ONE;
    if (doubled) rest /= 2n;
    log2 = log2 * 2n + (doubled ? 1n : 0n);
  }
  const isExact = rest === ONE;
  const upper = (isExact ? log2 : log2 + 1n) * LN_2_PICO;
  const unit = PICO_PER_MILLI << DIGITS;
  return Number((upper + unit - 1n) / unit);
}
