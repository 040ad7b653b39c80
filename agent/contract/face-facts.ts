import { z } from 'zod';
import { memberIdSchema, staffIdSchema, storeIdSchema, tillIdSchema } from './ids.ts';
import { instantSchema } from './time.ts';

/** Bytes of a sealed template, at most: 4,096 numbers of 4 bytes with nonce and tag have room. */
export const SEALED_TEMPLATE_MAX_BYTES = 20 * 1024;

/** Random, 128 bits as hex: says nothing of the member. */
export const templateIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'TemplateId'>();
export type TemplateId = z.infer<typeof templateIdSchema>;

/** Which model made a descriptor; those of two models cannot be compared. */
export const faceModelSchema = z.strictObject({
  modelId: z.string().min(1).max(64),
  modelVersion: z.string().min(1).max(40),
});
export type FaceModel = z.infer<typeof faceModelSchema>;

/** Where a member agreed to be recognised: at the tills of the store where they agreed, or at all stores. */
export const faceScopeSchema = z.enum(['store', 'chain']);
export type FaceScope = z.infer<typeof faceScopeSchema>;

/** The consent on record: who agreed to what text, where, how and before whom. */
export const faceConsentSchema = z.strictObject({
  consentId: z.string().min(8).max(64),
  memberId: memberIdSchema,
  scope: faceScopeSchema,
  textVersion: z.string().min(1).max(32),
  language: z.enum(['zh-CN', 'en']),
  /** The member's own hand on the customer's screen; there is no other way. */
  channel: z.literal('customer-screen'),
  /** The member of staff who was signed in and stood by. */
  witnessId: staffIdSchema,
  storeId: storeIdSchema,
  tillId: tillIdSchema,
  at: instantSchema,
});
export type FaceConsent = z.infer<typeof faceConsentSchema>;

/** A template as it leaves the till that made it: sealed under a key of its own, which headquarters never has. */
export const faceTemplateSchema = z.strictObject({
  templateId: templateIdSchema,
  memberId: memberIdSchema,
  consentId: z.string().min(8).max(64),
  scope: faceScopeSchema,
  model: faceModelSchema,
  /** base64: nonce (12 bytes), ciphertext, tag (16 bytes) of AES-256-GCM. */
  sealed: z
    .string()
    .min(1)
    .max(Math.ceil((SEALED_TEMPLATE_MAX_BYTES * 4) / 3) + 4),
  /** The store and till that enrolled. */
  storeId: storeIdSchema,
  tillId: tillIdSchema,
  at: instantSchema,
});
export type FaceTemplate = z.infer<typeof faceTemplateSchema>;

/** A consent and the template that it allows are written together: there is neither without the other. */
export const faceEnrolmentSchema = z.strictObject({
  consent: faceConsentSchema,
  template: faceTemplateSchema,
});
export type FaceEnrolment = z.infer<typeof faceEnrolmentSchema>;

/**
 * Why templates end: the member said so; nobody saw them for the time that the chain keeps them; another template takes the
 * place; the member is found to be a minor; the membership ended.
 */
export const FACE_END_REASONS = [
  'withdrawn',
  'retention',
  'replaced',
  'minor',
  'membership-ended',
] as const;
export const faceEndReasonSchema = z.enum(FACE_END_REASONS);
export type FaceEndReason = z.infer<typeof faceEndReasonSchema>;

/** The end of a member's templates. Of a withdrawal all that the member has end, also those this till does not know. */
export const faceWithdrawalSchema = z.strictObject({
  withdrawalId: z.string().min(8).max(64),
  memberId: memberIdSchema,
  /** Those that this till had and has destroyed the keys of. */
  templateIds: z.array(templateIdSchema).max(16),
  reason: faceEndReasonSchema,
  /** By whose hand: the member at a customer's screen, staff at a till whom the member asked, or nobody (a rule). */
  channel: z.enum(['customer-screen', 'staff', 'rule']),
  staffId: staffIdSchema.nullable(),
  storeId: storeIdSchema,
  tillId: tillIdSchema,
  at: instantSchema,
});
export type FaceWithdrawal = z.infer<typeof faceWithdrawalSchema>;

/** Longest consent text of one language, in characters. */
export const FACE_CONSENT_TEXT_MAX = 8_000;

const words = z.object({
  'zh-CN': z.string().min(1).max(FACE_CONSENT_TEXT_MAX),
  en: z.string().min(1).max(FACE_CONSENT_TEXT_MAX),
});

/** What headquarters sets for faces, the row `face` of its settings; without the row faces are off everywhere. */
export const faceSettingSchema = z.object({
  textVersion: z.string().min(1).max(32),
  /** What, why, how long, how to withdraw: to be recognised at the tills of this store. */
  storeText: words,
  /** The further consent: the encrypted template goes to other stores too. */
  chainText: words,
  /** Stores that do not use faces. */
  offInStores: z.array(storeIdSchema).max(10_000).default([]),
  /** Days without a visit after which a template ends. */
  retentionDays: z.int().min(1).max(3_650).default(365),
  /** Younger members, and those of unknown age, are refused: years. */
  ageMin: z.int().min(14).max(120).default(14),
});
export type FaceSetting = z.infer<typeof faceSettingSchema>;
