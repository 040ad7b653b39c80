import { err, ok, type Result } from '../../contract/result.ts';
import {
  VOUCHER_PREFIX,
  VOUCHER_TEXT_MAX,
  type VoucherClaims,
  voucherClaimsSchema,
} from '../../contract/voucher.ts';

const SEPARATOR = '~';
/** base64url of an Ed25519 signature, 64 bytes, without padding. */
const SIGNATURE = /^[A-Za-z0-9_-]{85}[AQgw]$/;
/** No sign, no leading zero, so that one voucher has one text. */
const NUMBER = /^[1-9]\d{0,14}$/;

/** A voucher's text taken apart; nothing of it is verified. */
export interface VoucherText {
  readonly claims: VoucherClaims;
  /** What the signature covers, to the byte: the text up to the last separator. All ASCII. */
  readonly signed: string;
  /** base64url. */
  readonly signature: string;
}

/** The fields of a text, in their order. */
const FIELDS = [
  'partner',
  'keyId',
  'voucherId',
  'campaign',
  'memberId',
  'notBefore',
  'notAfter',
  'faceMinor',
] as const;

/** Takes a voucher's text apart (docs/voucher-format.md); nothing where it is none of this version. Never throws. */
export function parseVoucher(text: string): VoucherText | undefined {
  if (!text.startsWith(VOUCHER_PREFIX) || text.length > VOUCHER_TEXT_MAX) return undefined;
  const parts = text.split(SEPARATOR);
  const [signature = '', ...rest] = parts.reverse();
  const values = rest.reverse().slice(1);
  if (values.length !== FIELDS.length || !SIGNATURE.test(signature)) return undefined;
  const given = FIELDS.map(
    (field, index) => [field, readField(field, values[index] ?? '')] as const,
  );
  const parsed = voucherClaimsSchema.safeParse(
    Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  );
  if (!parsed.success) return undefined;
  return { claims: parsed.data, signed: text.slice(0, text.lastIndexOf(SEPARATOR)), signature };
}

/** An empty place is a field that is not there; digits that are no number stay text, which no number field takes. */
function readField(field: (typeof FIELDS)[number], value: string): string | number | undefined {
  if (value === '') return undefined;
  const counts = field === 'notBefore' || field === 'notAfter' || field === 'faceMinor';
  return counts && NUMBER.test(value) ? Number(value) : value;
}

/**
 * What is to be signed for a voucher: its text without the last separator and the signature.
 * Fails with the first field whose value the format does not take.
 */
export function unsignedVoucher(
  claims: VoucherClaims,
): Result<string, { readonly field: string; readonly message: string }> {
  const parsed = voucherClaimsSchema.safeParse(claims);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err({ field: issue?.path.join('.') ?? '', message: issue?.message ?? '' });
  }
  if (parsed.data.notAfter < parsed.data.notBefore)
    return err({ field: 'notAfter', message: 'lies before notBefore' });
  const values = FIELDS.map((field) => String(parsed.data[field] ?? ''));
  return ok(`${VOUCHER_PREFIX}${values.join(SEPARATOR)}`);
}

/** The whole text of a voucher. @param signature Ed25519 over `unsigned`, base64url without padding */
export function voucherText(unsigned: string, signature: string): string {
  return `${unsigned}${SEPARATOR}${signature}`;
}
