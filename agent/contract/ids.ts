import { z } from 'zod';
import { freeTextSchema } from './text.ts';

/** Longest id accepted from outside, in characters. */
export const ID_MAX_LENGTH = 64;

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;

function idSchema<Brand extends string>() {
  return z.string().min(1).max(ID_MAX_LENGTH).regex(ID_PATTERN).brand<Brand>();
}

export const memberIdSchema = idSchema<'MemberId'>();
export const staffIdSchema = idSchema<'StaffId'>();
export const storeIdSchema = idSchema<'StoreId'>();
export const tillIdSchema = idSchema<'TillId'>();
export const basketIdSchema = idSchema<'BasketId'>();
export const lineIdSchema = idSchema<'LineId'>();
export const evaluationIdSchema = idSchema<'EvaluationId'>();
export const identificationIdSchema = idSchema<'IdentificationId'>();
export const saleIdSchema = idSchema<'SaleId'>();
export const returnIdSchema = idSchema<'ReturnId'>();
export const entryIdSchema = idSchema<'EntryId'>();
export const ruleIdSchema = idSchema<'RuleId'>();
export const ruleSetIdSchema = idSchema<'RuleSetId'>();
export const deviceIdSchema = idSchema<'DeviceId'>();
export const clientIdSchema = idSchema<'ClientId'>();
export const lotIdSchema = idSchema<'LotId'>();
export const skuSchema = freeTextSchema(ID_MAX_LENGTH).min(1);
/** Chosen by the POS, one for each business operation; opaque to us. Every key also fits a path unescaped. */
export const idempotencyKeySchema = z
  .string()
  .min(8)
  .max(128)
  .regex(/^[A-Za-z0-9_.:-]+$/)
  .brand<'IdempotencyKey'>();

export type MemberId = z.infer<typeof memberIdSchema>;
export type StaffId = z.infer<typeof staffIdSchema>;
export type StoreId = z.infer<typeof storeIdSchema>;
export type TillId = z.infer<typeof tillIdSchema>;
export type BasketId = z.infer<typeof basketIdSchema>;
export type LineId = z.infer<typeof lineIdSchema>;
export type EvaluationId = z.infer<typeof evaluationIdSchema>;
export type IdentificationId = z.infer<typeof identificationIdSchema>;
export type SaleId = z.infer<typeof saleIdSchema>;
export type ReturnId = z.infer<typeof returnIdSchema>;
export type EntryId = z.infer<typeof entryIdSchema>;
export type RuleId = z.infer<typeof ruleIdSchema>;
export type RuleSetId = z.infer<typeof ruleSetIdSchema>;
export type DeviceId = z.infer<typeof deviceIdSchema>;
export type ClientId = z.infer<typeof clientIdSchema>;
export type LotId = z.infer<typeof lotIdSchema>;
export type IdempotencyKey = z.infer<typeof idempotencyKeySchema>;

/** Random bytes that {@link uuidv7} needs. */
export const UUID_RANDOM_BYTES = 10;

/**
 * A time-ordered UUID (version 7, RFC 9562 section 5.7).
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param random at least {@link UUID_RANDOM_BYTES} random bytes
 */
export function uuidv7(epochMs: number, random: Uint8Array): string {
  if (random.length < UUID_RANDOM_BYTES)
    throw new Error('broken invariant: uuidv7 needs 10 random bytes');
  const time = epochMs.toString(16).padStart(12, '0');
  const hex = Array.from(random.subarray(0, UUID_RANDOM_BYTES), (b) =>
    b.toString(16).padStart(2, '0'),
  ).join('');
  const variant = ((random[2] ?? 0) & 0x3f) | 0x80;
  return [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${hex.slice(1, 4)}`,
    `${variant.toString(16).padStart(2, '0')}${hex.slice(6, 8)}`,
    hex.slice(8, 20),
  ].join('-');
}
