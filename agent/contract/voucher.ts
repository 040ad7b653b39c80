import { z } from 'zod';
import { memberIdSchema } from './ids.ts';
import { amountMinorSchema } from './money.ts';
import { authoredTextSchema } from './text.ts';

/** Longest text of a partner voucher, in characters. */
export const VOUCHER_TEXT_MAX = 512;
/** What every voucher text of this version begins with (docs/voucher-format.md). */
export const VOUCHER_PREFIX = 'TV1~';
export const PARTNERS_MAX = 100;
export const PARTNER_MAX_KEYS = 20;

/** A run of so many digits could be taken for a payment code, so no name in a voucher holds one. */
const NO_PAYMENT_DIGITS = '(?!.*[0-9]{16})';

export const partnerIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,19}$/);
export const voucherKeyIdSchema = z
  .string()
  .regex(new RegExp(`^${NO_PAYMENT_DIGITS}[A-Za-z0-9_-]{1,32}$`));
export const voucherIdSchema = z
  .string()
  .regex(new RegExp(`^${NO_PAYMENT_DIGITS}[A-Za-z0-9-]{1,32}$`));
export const campaignSchema = z
  .string()
  .regex(new RegExp(`^${NO_PAYMENT_DIGITS}[A-Za-z0-9_-]{1,32}$`));

/** Shops and services outside the chain whose vouchers its tills take, by the keys that they sign with. */
export const partnerSchema = z.strictObject({
  id: partnerIdSchema,
  /** For people: screen, receipt. */
  name: authoredTextSchema,
  keys: z
    .array(
      z.strictObject({
        keyId: voucherKeyIdSchema,
        /** Ed25519, SPKI DER as base64. */
        publicKey: z.string().regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/),
        /** Nothing that this key signed is taken any more. */
        revoked: z.literal(true).optional(),
      }),
    )
    .min(1)
    .max(PARTNER_MAX_KEYS),
  /**
   * Whether a voucher is taken while headquarters cannot say that it was not used elsewhere. `accept`: what was used
   * twice is found later and becomes a case for a person.
   */
  offline: z.enum(['refuse', 'accept']).default('refuse'),
});
export type Partner = z.infer<typeof partnerSchema>;

/** Days as `yyyymmdd`. */
const dateSchema = z.int().min(1970_01_01).max(9999_12_31);

/** What a partner promises with a voucher. */
export const voucherClaimsSchema = z.strictObject({
  partner: partnerIdSchema,
  keyId: voucherKeyIdSchema,
  /** Unique within the partner, for ever. */
  voucherId: voucherIdSchema,
  campaign: campaignSchema,
  /** Good for this member alone; absent = for whoever brings it. */
  memberId: memberIdSchema.optional(),
  /** First and last business day of the store, both inclusive. */
  notBefore: dateSchema,
  notAfter: dateSchema,
  /** What a `voucher-value` rule takes off, in minor units of the chain's currency. */
  faceMinor: amountMinorSchema.min(1).optional(),
});
export type VoucherClaims = z.infer<typeof voucherClaimsSchema>;

/**
 * What became of a voucher that was presented, the first of these that holds: `unreadable` no voucher of this version;
 * `foreign` partner or key unknown; `altered` the signature does not fit the text; `revoked` its key is; `not-yet` and
 * `expired` by the store's business day; `other-member` bound to another member, or nobody is identified; `used` here or
 * elsewhere; `unreachable` nobody can say whether it was used, and the partner wants that known.
 */
export const VOUCHER_STATES = [
  'available',
  'unreadable',
  'foreign',
  'altered',
  'revoked',
  'not-yet',
  'expired',
  'other-member',
  'used',
  'unreachable',
] as const;
export const voucherStateSchema = z.enum(VOUCHER_STATES);
export type VoucherState = z.infer<typeof voucherStateSchema>;

/** A voucher as a decision sees it: never its text, which is as good as money until it is used. */
export const voucherFactsSchema = z.object({
  state: voucherStateSchema,
  /** As the text says, also where it is not to be believed; absent where it cannot be read. */
  partner: partnerIdSchema.optional(),
  campaign: campaignSchema.optional(),
  faceMinor: amountMinorSchema.min(1).optional(),
});
export type VoucherFacts = z.infer<typeof voucherFactsSchema>;

/** What a rule asks for instead of a coupon: one voucher of this partner and campaign. */
export const ruleVoucherSchema = z.strictObject({
  partner: partnerIdSchema,
  campaign: campaignSchema,
});

/** Codes that begin so name partner vouchers and nothing else. */
export const VOUCHER_CODE_PREFIX = 'voucher:';

/** The name under which a voucher is reserved, counted and told, at most 61 characters: it pays for nothing by itself. */
export function voucherCode({
  partner,
  voucherId,
}: Pick<VoucherClaims, 'partner' | 'voucherId'>): string {
  return `${VOUCHER_CODE_PREFIX}${partner}:${voucherId}`;
}
