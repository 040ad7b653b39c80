import {
  type Basket,
  err,
  type Failure,
  failure,
  MONEY_MAX_MINOR,
  ok,
  type Result,
} from '../contract/index.ts';

/**
 * What a schema cannot say of a basket: one currency, the store's; line ids once; sums that stay exact. Fails with
 * `wrong-currency`, `mixed-currency`, `duplicate-line` or `amount-too-large` and the field.
 */
export function checkBasket(
  basket: Pick<Basket, 'currency' | 'lines'>,
  storeCurrency: string,
): Result<void, Failure> {
  const ids = new Set<string>();
  let totalMinor = 0;
  for (const [index, line] of basket.lines.entries()) {
    if (line.currency !== undefined && line.currency !== basket.currency)
      return err(failure('mixed-currency', `lines.${index}.currency`));
    if (ids.has(line.lineId)) return err(failure('duplicate-line', `lines.${index}.lineId`));
    ids.add(line.lineId);
    totalMinor += line.qty * line.unitPriceMinor;
    if (totalMinor > MONEY_MAX_MINOR) return err(failure('amount-too-large', `lines.${index}`));
  }
  return basket.currency === storeCurrency
    ? ok(undefined)
    : err(failure('wrong-currency', 'currency'));
}
