import { type Basket, err, type Failure, failure, ok, type Result } from '../contract/index.ts';
import { gcnAsked } from '../domain/benefits/asked-code.ts';
import { plainGcn, readGcn } from '../domain/identify/gcn.ts';
import { isAskedNorthAmerican } from '../domain/identify/north-american-coupon.ts';
import {
  containsPaymentRun,
  isFixedLengthPayment,
  maskPaymentRuns,
} from '../domain/identify/payment-run.ts';
import { toAscii } from '../domain/identify/to-ascii.ts';
import { parseVoucher } from '../domain/vouchers/voucher-text.ts';
import type { TillContext } from './context.ts';

/**
 * Keeps payment codes out of a basket before anything of it is kept or repeated. A code that some rule asks for is a
 * coupon, whatever its digits; an article that the till knows is an article. Of the wallets whose codes have no fixed
 * length an article number is not suspected: the labels of scales look the same. Fails with `payment-code` and the field.
 */
export function refusePaymentCodes(
  { deps, store }: Pick<TillContext, 'deps' | 'store'>,
  { codes, lines }: Pick<Basket, 'codes' | 'lines'>,
  knownCodes: ReadonlySet<string>,
): Result<void, Failure> {
  const config = deps.config.codes;
  for (const [index, code] of codes.entries()) {
    if (!isOurs(code, knownCodes) && containsPaymentRun(code, config))
      return err(failure('payment-code', `codes.${index}`));
  }
  for (const [index, { sku }] of lines.entries()) {
    if (isFixedLengthPayment(sku, config) && store.articles.bySku(sku) === undefined)
      return err(failure('payment-code', `lines.${index}.sku`));
  }
  return ok(undefined);
}

/** A coupon number that some rule asks for and a whole voucher are none, whatever digits they hold. */
function isOurs(code: string, knownCodes: ReadonlySet<string>): boolean {
  if (knownCodes.has(code)) return true;
  if (isAskedNorthAmerican(toAscii(code).trim(), (one) => knownCodes.has(one))) return true;
  const gcn = readGcn(plainGcn(code) ?? code);
  if (gcn !== undefined && knownCodes.has(gcnAsked(gcn.gcn))) return true;
  return parseVoucher(toAscii(code).trim()) !== undefined;
}

/** A reference or a reason as it may be kept: what is paid is booked, so a payment code in it is masked, not refused. */
export function withoutPaymentCodes(context: Pick<TillContext, 'deps'>, text: string): string {
  return maskPaymentRuns(text, context.deps.config.codes);
}
