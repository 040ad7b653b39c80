import { z } from 'zod';
import { templateIdSchema } from '../../agent/contract/face-facts.ts';
import { memberIdSchema, storeIdSchema, tillIdSchema } from '../../agent/contract/ids.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Bytes of the key of a template. */
export const TEMPLATE_KEY_BYTES = 32;
/**
 * A question for a key is good for so long, in milliseconds; then the till asks another one. Nor may the time that it names
 * differ from headquarters' by more.
 */
export const KEY_QUESTION_TTL_MS = 10 * 60_000;
/** Questions or answers in one call, at most. */
export const KEY_QUESTIONS_CALL_MAX = 32;
/** Questions of one till that are open at a time. */
export const KEY_QUESTIONS_PER_TILL_MAX = 64;
/** Questions about one template that are open at a time. */
export const KEY_QUESTIONS_PER_TEMPLATE_MAX = 32;
/** Questions that one till may ask within {@link KEY_ASKED_WINDOW_MS}, answered or not. */
export const KEY_ASKED_MAX = 5_000;
export const KEY_ASKED_WINDOW_MS = 10 * 60_000;
/** Templates that a till says something of in one call, at most. */
export const KEY_STATE_MAX = 500;
/** Bytes of a call that says which keys there are, at most. */
export const KEY_STATE_MAX_BYTES = 128 * 1024;
/** Live templates of one member, at most; with a further one the oldest ends. */
export const TEMPLATES_PER_MEMBER_MAX = 16;

/** Random, 128 bits as hex. */
export const keyQuestionIdSchema = z.string().regex(/^[0-9a-f]{32}$/);
/** 32 bytes in base64: a public key of X25519, raw (RFC 7748), or an encapsulated one. */
const rawKeySchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
/** 64 bytes as base64url: Ed25519 by the till's own key. */
const signatureSchema = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
/** {@link TEMPLATE_KEY_BYTES} and the tag of AES-GCM (16 bytes) in base64. */
const sealedKeySchema = z.string().regex(/^[A-Za-z0-9+/]{64}$/);

/**
 * A till that was fed a template asks the tills that have its key. `publicKey` is made for this question alone; `signature`
 * is over canonical JSON of the other fields with `tillId` and `purpose: 'tillside/face-key-question/1'`.
 */
export const keyQuestionSchema = z.strictObject({
  questionId: keyQuestionIdSchema,
  templateId: templateIdSchema,
  publicKey: rawKeySchema,
  /** Headquarters' time, as far as the till knows it. */
  at: instantSchema,
  signature: signatureSchema,
});
export type KeyQuestion = z.infer<typeof keyQuestionSchema>;

/** Why a question was not taken. */
export const KEY_REFUSALS = [
  /** The till's store is not given this template, or not any more. */
  'not-fed',
  'bad-signature',
  /** Its time is too far from headquarters'. */
  'stale',
  /** The id was used before. */
  'repeated',
  'too-many-of-till',
  'too-many-of-template',
] as const;
export type KeyRefusal = (typeof KEY_REFUSALS)[number];

export const askKeysRequestSchema = z.strictObject({
  questions: z.array(keyQuestionSchema).min(1).max(KEY_QUESTIONS_CALL_MAX),
});
export const askKeysReplySchema = z.strictObject({
  /** All others were taken. */
  refused: z
    .array(z.strictObject({ questionId: keyQuestionIdSchema, why: z.enum(KEY_REFUSALS) }))
    .max(KEY_QUESTIONS_CALL_MAX),
});

/** A question as a till that has the key gets it. */
export const keyWantedSchema = keyQuestionSchema.extend({
  tillId: tillIdSchema,
  storeId: storeIdSchema,
  /** Of the till that asks: an Ed25519 public key as headquarters registered it. */
  tillKey: z.string().min(1).max(200),
});
export type KeyWanted = z.infer<typeof keyWantedSchema>;

/**
 * A template's key, sealed to the question's public half (HPKE, RFC 9180). `signature` is over canonical JSON of the other
 * fields with `tillId` of who answers, `templateId`, and `purpose: 'tillside/face-key-answer/1'`.
 */
export const keyAnswerSchema = z.strictObject({
  questionId: keyQuestionIdSchema,
  enc: rawKeySchema,
  sealed: sealedKeySchema,
  signature: signatureSchema,
});
export type KeyAnswer = z.infer<typeof keyAnswerSchema>;

/** An answer as the till that asked gets it, once. */
export const keyAnsweredSchema = keyAnswerSchema.omit({ signature: true }).extend({
  templateId: templateIdSchema,
  /** Who answered. */
  tillId: tillIdSchema,
});
export type KeyAnswered = z.infer<typeof keyAnsweredSchema>;

/** What waits for a till. With this reply headquarters forgets the answers in it, and what was asked. */
export const keyPostSchema = z.strictObject({
  wanted: z.array(keyWantedSchema).max(KEY_QUESTIONS_CALL_MAX),
  answered: z.array(keyAnsweredSchema).max(KEY_QUESTIONS_CALL_MAX),
});

export const answerKeysRequestSchema = z.strictObject({
  answers: z.array(keyAnswerSchema).min(1).max(KEY_QUESTIONS_CALL_MAX),
});
export const answerKeysReplySchema = z.strictObject({
  /** The others came late, from a till that is not asked, or are not signed by it. */
  taken: z.array(keyQuestionIdSchema).max(KEY_QUESTIONS_CALL_MAX),
});

/**
 * Why a till destroyed a key: for what ended the template by the till's own hand, or because headquarters `told` it to, or as
 * the template was `not-fed` to it any more without a word of its end.
 */
export const KEY_GONE_REASONS = [
  'withdrawn',
  'retention',
  'replaced',
  'minor',
  'membership-ended',
  'told',
  'not-fed',
] as const;
export const keyGoneReasonSchema = z.enum(KEY_GONE_REASONS);
export type KeyGoneReason = z.infer<typeof keyGoneReasonSchema>;

/** A till's word on the keys that it has and those that it has destroyed; may be said again and again. */
export const keyStateRequestSchema = z.strictObject({
  held: z.array(templateIdSchema).max(KEY_STATE_MAX),
  destroyed: z
    .array(
      z.strictObject({
        templateId: templateIdSchema,
        reason: keyGoneReasonSchema,
        at: instantSchema,
      }),
    )
    .max(KEY_STATE_MAX),
});
export type KeyState = z.infer<typeof keyStateRequestSchema>;
export const keyStateReplySchema = z.strictObject({
  /** Those of the held ones that are over: the till destroys their keys. */
  over: z.array(templateIdSchema).max(KEY_STATE_MAX),
  /** Those of the held ones that headquarters has never heard of: they wait in the outbox of the till that made them. */
  unknown: z.array(templateIdSchema).max(KEY_STATE_MAX),
});

/** Asked of headquarters by the member. */
export const withdrawFacesRequestSchema = z.strictObject({
  memberId: memberIdSchema,
  reason: z.string().min(1).max(200),
});
export const withdrawFacesReplySchema = z.strictObject({ ended: z.int().min(0) });

export const faceReceiptsQuerySchema = z.strictObject({ memberId: memberIdSchema });
/** What became of a member's templates. */
export const faceReceiptsSchema = z.strictObject({
  consents: z
    .array(
      z.strictObject({
        consentId: z.string(),
        scope: z.enum(['store', 'chain']),
        textVersion: z.string(),
        language: z.enum(['zh-CN', 'en']),
        channel: z.string(),
        /** The member of staff who stood by. */
        witnessId: z.string(),
        storeId: z.string(),
        at: instantSchema,
      }),
    )
    .max(1_000),
  templates: z
    .array(
      z.strictObject({
        templateId: templateIdSchema,
        /** null = it is in use. */
        ended: z.strictObject({ reason: z.string(), at: instantSchema }).nullable(),
        /** Stores whose tills were given the sealed template. */
        stores: z.array(z.string()).max(10_000),
        /** Tills that had the key; `confirmedAt` = when the till said that it has destroyed it, null = it has yet to. */
        tills: z
          .array(
            z.strictObject({
              tillId: z.string(),
              confirmedAt: instantSchema.nullable(),
              /** Revoked, or unknown to headquarters by now: it can confirm no more. */
              isGone: z.boolean(),
            }),
          )
          .max(100_000),
        /** Over, and every till that had the key has confirmed. */
        destroyed: z.boolean(),
      }),
    )
    .max(1_000),
});
export type FaceReceipts = z.infer<typeof faceReceiptsSchema>;
