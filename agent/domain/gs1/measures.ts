import type { Gs1Element } from './element.ts';

/** An amount as it is coded: `digits` times ten to the `exponent`. Exact, up to 15 digits. */
export interface Scaled {
  readonly digits: number;
  readonly exponent: number;
}

/** A price; `currency` is the ISO 4217 numeric code, absent where the code means the currency of the shop. */
export interface ScaledPrice extends Scaled {
  readonly currency?: string;
}

/** What an article code tells beside the article: the label of a scale, a pack of variable weight. */
export interface ArticleMeasure {
  /** Net weight in grams (AI 310n, coded in kilograms). */
  readonly netGrams?: Scaled;
  /** Net weight in pounds (AI 320n), ounces (357n) or troy ounces (356n). */
  readonly netPounds?: Scaled;
  readonly netOunces?: Scaled;
  readonly netTroyOunces?: Scaled;
  /** What this piece costs (AI 392n, 393n). */
  readonly price?: ScaledPrice;
  /** What one unit of measure costs (AI 395n). */
  readonly pricePerUnit?: Scaled;
  /** Pieces in a pack of variable count (AI 30). */
  readonly pieces?: number;
}

const GRAMS_IN_KILOGRAM_EXPONENT = 3;
const CURRENCY_LENGTH = 3;

/** The last digit of these AIs tells the decimals of the value (GS1 General Specifications, sections 3.6 and 3.6.6). */
const readers: Readonly<Record<string, (value: string, decimals: number) => ArticleMeasure>> = {
  '310': (value, decimals) => ({
    netGrams: { digits: Number(value), exponent: GRAMS_IN_KILOGRAM_EXPONENT - decimals },
  }),
  '320': (value, decimals) => ({ netPounds: scaled(value, decimals) }),
  '356': (value, decimals) => ({ netTroyOunces: scaled(value, decimals) }),
  '357': (value, decimals) => ({ netOunces: scaled(value, decimals) }),
  '392': (value, decimals) => ({ price: scaled(value, decimals) }),
  '393': (value, decimals) => ({
    price: {
      ...scaled(value.slice(CURRENCY_LENGTH), decimals),
      currency: value.slice(0, CURRENCY_LENGTH),
    },
  }),
  '395': (value, decimals) => ({ pricePerUnit: scaled(value, decimals) }),
};

/** Weight, price and count of elements that are right one by one; nothing where they tell none. */
export function measureOf(elements: readonly Gs1Element[]): ArticleMeasure | undefined {
  let measure: ArticleMeasure = {};
  for (const { ai, value } of elements) {
    const reader = ai.length === 4 ? readers[ai.slice(0, 3)] : undefined;
    if (reader !== undefined) measure = { ...measure, ...reader(value, Number(ai[3])) };
    if (ai === '30') measure = { ...measure, pieces: Number(value) };
  }
  return Object.keys(measure).length === 0 ? undefined : measure;
}

/**
 * An amount as a whole number of units of ten to the `unitExponent`: of minor units of a currency with two decimals with
 * -2, of grams with 0. Nothing where it is not whole or too large to be exact; nothing is rounded.
 */
export function wholeUnits({ digits, exponent }: Scaled, unitExponent: number): number | undefined {
  const shift = exponent - unitExponent;
  const factor = 10 ** Math.abs(shift);
  if (shift < 0) return digits % factor === 0 ? digits / factor : undefined;
  const whole = digits * factor;
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function scaled(value: string, decimals: number): Scaled {
  // Zero without a sign: -0 would not compare as 0.
  return { digits: Number(value), exponent: decimals === 0 ? 0 : -decimals };
}
