import { splitAim } from '../gs1/symbology.ts';
import type { CodeRouteConfig, PaymentPattern } from './route-config.ts';
import { toAscii } from './to-ascii.ts';

/** Digits with nothing between them but what no reader shows: blanks, control characters, zero-width ones. */
const DIGIT_RUNS = /\d(?:[\s\p{Cc}\p{Cf}]*\d)*/gu;
/** A day of the years 2020 to 2039. Receipt numbers are made of store, day and count; payment codes are random. */
const HAS_DAY = /20[23]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/;
const LAST_DIGITS = 4;

/**
 * Whether the digits of a payment code stand in a text that is none as a whole: behind a stray letter, with blanks or
 * control characters inside, in an address, or several codes read as one. Only runs of digits count that are exactly
 * one or more codes, so that a longer number which begins like a code is left alone. The digit of an AIM identifier in
 * front, as in `]C1`, belongs to no run.
 */
export function containsPaymentRun(text: string, config: CodeRouteConfig): boolean {
  const bare = splitAim(toAscii(text).trimStart()).text;
  return (bare.match(DIGIT_RUNS) ?? []).some((run) =>
    isPaymentRun(run.replace(/\D/g, ''), config.payments),
  );
}

/**
 * The text with the digits of payment codes taken out but for the last four; unchanged where it has none. For what has to
 * be kept and cannot be refused, such as the receipt number of a sale that is paid. A number with a day in it stays:
 * shops number their receipts so, and of a thousand payment codes about one looks like it.
 */
export function maskPaymentRuns(text: string, config: CodeRouteConfig): string {
  let masked = false;
  const kept = toAscii(text).replace(DIGIT_RUNS, (run) => {
    const digits = run.replace(/\D/g, '');
    if (HAS_DAY.test(digits) || !isPaymentRun(digits, config.payments)) return run;
    masked = true;
    return `***${digits.slice(-LAST_DIGITS)}`;
  });
  return masked ? kept : text;
}

/** Whether the whole is one digit code of a wallet whose codes all have one length. */
export function isFixedLengthPayment(text: string, config: CodeRouteConfig): boolean {
  return config.payments.some(
    (pattern) => pattern.minLength === pattern.maxLength && fits(text, pattern),
  );
}

function fits(digits: string, { prefixes, minLength, maxLength }: PaymentPattern): boolean {
  return (
    digits.length >= minLength &&
    digits.length <= maxLength &&
    /^\d+$/.test(digits) &&
    prefixes.some((prefix) => digits.startsWith(prefix))
  );
}

/** Whether digits are one payment code, or such codes one after the other and nothing else. */
function isPaymentRun(digits: string, payments: readonly PaymentPattern[]): boolean {
  const endsAt = new Array<boolean>(digits.length + 1).fill(false);
  endsAt[0] = true;
  for (let from = 0; from < digits.length; from += 1) {
    if (endsAt[from] !== true) continue;
    for (const { prefixes, minLength, maxLength } of payments) {
      if (!prefixes.some((prefix) => digits.startsWith(prefix, from))) continue;
      for (let length = minLength; length <= maxLength; length += 1)
        if (from + length <= digits.length) endsAt[from + length] = true;
    }
  }
  return digits.length > 0 && endsAt[digits.length] === true;
}
