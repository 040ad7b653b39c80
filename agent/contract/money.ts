import { z } from 'zod';

/**
 * Largest amount of one line, basket or balance: 9 x 10^11 minor units (9 thousand million yuan).
 * Times 10,000 basis points it still lies below 2^53, so percentages of any amount stay exact.
 */
export const MONEY_MAX_MINOR = 900_000_000_000;

/** An amount in minor units (fen, cents); may be negative where a difference is meant. */
export const minorSchema = z.int().min(-MONEY_MAX_MINOR).max(MONEY_MAX_MINOR);
/** An amount in minor units, zero or more. */
export const amountMinorSchema = z.int().min(0).max(MONEY_MAX_MINOR);
/** ISO 4217 alphabetic code. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/);

/** Currencies that have not two decimals: ISO 4217 list one (SIX), column "minor unit". */
const MINOR_DIGITS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
    .split(' ')
    .map((currency) => [currency, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((currency) => [currency, 3] as const),
  ...'CLF UYW'.split(' ').map((currency) => [currency, 4] as const),
]);

/**
 * Decimals of `currency` by ISO 4217: 2 for CNY, 0 for JPY, 3 for KWD, 2 for an unknown code. The books count by them,
 * so they are never asked of `Intl`, whose CLDR data follow habit (none for HUF) and change with the engine.
 */
export function minorDigits(currency: string): number {
  return MINOR_DIGITS.get(currency) ?? 2;
}

/** Basis points: 10,000 = 100 %. */
export const BASIS_POINTS_WHOLE = 10_000;
export const basisPointsSchema = z.int().min(0).max(BASIS_POINTS_WHOLE);
/** Most points that one sale, lot or request moves. */
export const POINTS_MAX = 1_000_000_000;
export const pointsSchema = z.int().min(-POINTS_MAX).max(POINTS_MAX);
/** Points of a member: a sum over any number of lots, so it is bounded by exact integers (2^53) alone. */
export const pointsBalanceSchema = z.int();
