import type { ScannedArticle } from '../../contract/article.ts';
import { MONEY_MAX_MINOR, minorDigits } from '../../contract/money.ts';
import { type ArticleMeasure, type ScaledPrice, wholeUnits } from '../gs1/measures.ts';
import type { RoutedCode } from './route-code.ts';

/** Numeric codes of currencies as ISO 4217 has them; a price in any other is not read. */
const CURRENCY_NUMBERS: Readonly<Record<string, string>> = {
  CNY: '156',
  EUR: '978',
  GBP: '826',
  HKD: '344',
  JPY: '392',
  KRW: '410',
  MOP: '446',
  SGD: '702',
  TWD: '901',
  USD: '840',
};

/**
 * What a register rings up of an article's code. Amounts that cannot be said exactly in its units stand as they are coded
 * or are left out: a rounded weight or a converted price would be another than the label's.
 * @param currency of the till, ISO 4217 @returns nothing for any other code
 */
export function scannedArticle(routed: RoutedCode, currency: string): ScannedArticle | undefined {
  if (routed.class !== 'article') return undefined;
  const { gtin, measure = {} } = routed;
  const { pieces } = measure;
  const netGrams = measure.netGrams && wholeUnits(measure.netGrams, 0);
  const netWeight = netGrams === undefined ? weightOf(measure) : undefined;
  const priceMinor = measure.price && priceIn(measure.price, currency);
  return {
    gtin,
    ...(netGrams === undefined ? {} : { netGrams }),
    ...(netWeight === undefined ? {} : { netWeight }),
    ...(priceMinor === undefined ? {} : { priceMinor }),
    ...(measure.pricePerUnit === undefined ? {} : { unitPrice: measure.pricePerUnit }),
    ...(pieces === undefined ? {} : { pieces }),
  };
}

/** A label may tell its weight twice: the metric one goes before, and pounds before ounces. */
function weightOf(measure: ArticleMeasure): ScannedArticle['netWeight'] {
  const { netGrams, netPounds, netOunces, netTroyOunces } = measure;
  if (netGrams !== undefined) return { ...netGrams, unit: 'gram' };
  if (netPounds !== undefined) return { ...netPounds, unit: 'pound' };
  if (netOunces !== undefined) return { ...netOunces, unit: 'ounce' };
  return netTroyOunces && { ...netTroyOunces, unit: 'troy-ounce' };
}

function priceIn(price: ScaledPrice, currency: string): number | undefined {
  if (price.currency !== undefined && price.currency !== CURRENCY_NUMBERS[currency])
    return undefined;
  const minor = wholeUnits(price, -minorDigits(currency));
  return minor === undefined || minor > MONEY_MAX_MINOR ? undefined : minor;
}
