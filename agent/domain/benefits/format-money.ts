import { minorDigits } from '../../contract/money.ts';
import { type Text, text } from '../../contract/text.ts';

/** An amount of minor units in the currency's decimals, e.g. 1240 -> `12.40`. */
export function formatMinor(amountMinor: number, currency: string): string {
  const decimals = minorDigits(currency);
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The amount with its currency as people read it: 12.40 元, CNY 12.40. */
export function withUnit(amountMinor: number, currency: string): Text {
  const amount = formatMinor(amountMinor, currency);
  return text(
    currency === 'CNY' ? `${amount} 元` : `${amount} ${currency}`,
    `${currency} ${amount}`,
  );
}
