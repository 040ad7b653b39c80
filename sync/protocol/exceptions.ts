import { z } from 'zod';
import { entryExceptionSchema } from '../../agent/contract/ledger.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Cases in one page of the list, at most. */
export const EXCEPTIONS_PAGE_MAX = 200;
/** Steps of a case that are shown, the latest; a case that was settled and opened again more often has older ones. */
export const EXCEPTION_STEPS_MAX = 50;
/** Characters of a note. */
export const EXCEPTION_NOTE_MAX = 500;

/** Why a booking needs a person to look at it; the fact itself is booked all the same. */
export const exceptionCodeSchema = z.enum([
  /** What the till itself noted on the entry. */
  ...entryExceptionSchema.options,
  /** HQ has no such member; points wait in an account under that id. */
  'member-unknown',
  /** The member was merged into one that is not there, or along too many steps. */
  'merge-broken',
  /** More points are gone than there were. */
  'points-overdrawn',
  /** The movements do not sum up to what the entry's header says. */
  'points-differ',
  'points-out-of-range',
  /** Points moved, and nobody's. */
  'points-without-member',
  /** A lot that HQ never heard of. */
  'lot-unknown',
  'coupon-used-twice',
  /** A partner's voucher that was taken without asking had been used elsewhere. */
  'voucher-used-twice',
  /** One code of a member's pass was taken at two tills: a picture of it was shown at one of them. */
  'pass-used-twice',
  /** Goods came back that had come back before, at another till while one of the two was away. */
  'returned-twice',
  /** Two tills took goods of one sale back without knowing of each other: what was paid is not what was due. */
  'returns-overlapped',
  /** Somebody joined under an id that a member has already. */
  'join-differs',
  'allowance-unknown',
  /** Spent after it was given back. */
  'allowance-released',
  'allowance-settled-twice',
  /** The entry names another store than the one that the till is registered for. */
  'other-store',
  'currency-differs',
  /** The business day lies ahead of the chain's. */
  'clock-ahead',
  /** Text that no database can keep: it was booked with a replacement character in each such place. */
  'ill-formed-text',
  /** The sealed body or its key is not in the form of one. */
  'body-unreadable',
]);
export type ExceptionCode = z.infer<typeof exceptionCodeSchema>;

/** What was done about a case. */
export const exceptionDoneSchema = z.enum([
  /** Looked at, and nothing was wrong. */
  'no-fault',
  /** Points, coupons or amounts were put right at headquarters. */
  'corrected',
  /** Agreed with the shopper or the partner. */
  'agreed',
  /** The till was put right: its clock, its store, its program. */
  'till-put-right',
  /** The loss is borne. */
  'written-off',
]);
export type ExceptionDone = z.infer<typeof exceptionDoneSchema>;

const noteSchema = z
  .string()
  .max(EXCEPTION_NOTE_MAX)
  .transform((note) => note.trim())
  .refine((note) => note.length > 0, { error: 'say why, in a sentence' });
const idSchema = z.coerce.number().int().min(1);

const stepFields = {
  at: instantSchema,
  /** The name of the token that did it. */
  by: z.string(),
  note: z.string(),
};
export const exceptionStepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('settled'), ...stepFields, done: exceptionDoneSchema }),
  z.strictObject({ step: z.literal('reopened'), ...stepFields }),
]);

/** A case for a person. Names nobody: ids and figures alone. */
export const exceptionCaseSchema = z.strictObject({
  id: z.int().min(1),
  at: instantSchema,
  /** An {@link ExceptionCode}, or one of a later version. */
  code: z.string(),
  state: z.enum(['open', 'settled']),
  storeId: z.string().nullable(),
  tillId: z.string().nullable(),
  incarnation: z.string().nullable(),
  seq: z.int().nullable(),
  memberId: z.string().nullable(),
  /** The entry that it is about, where there is one and headquarters holds it. */
  entry: z
    .strictObject({
      kind: z.string(),
      saleId: z.string(),
      returnId: z.string().nullable(),
      at: instantSchema,
      businessDay: z.string(),
      payableMinor: z.int(),
      currency: z.string(),
      pointsEarned: z.int(),
      pointsSpent: z.int(),
    })
    .nullable(),
  detail: z.record(z.string(), z.unknown()),
  /** What people did about it, the latest first. */
  steps: z.array(exceptionStepSchema).max(EXCEPTION_STEPS_MAX),
});
export type ExceptionCase = z.infer<typeof exceptionCaseSchema>;

export const exceptionsQuerySchema = z.strictObject({
  state: z.enum(['open', 'settled', 'all']).default('open'),
  code: z.string().min(1).max(64).optional(),
  storeId: z.string().min(1).max(64).optional(),
  tillId: z.string().min(1).max(64).optional(),
  /** As answered with the page before. */
  after: idSchema.optional(),
  limit: z.coerce.number().int().min(1).max(EXCEPTIONS_PAGE_MAX).default(50),
});

export const exceptionListSchema = z.strictObject({
  cases: z.array(exceptionCaseSchema).max(EXCEPTIONS_PAGE_MAX),
  /** Where the next page begins; null = this was the last. */
  next: z.int().nullable(),
  /** Open cases of the whole chain by code, whatever was asked for. */
  open: z.record(z.string(), z.int().min(1)),
});

export const exceptionIdSchema = z.strictObject({ id: idSchema });
export const settleExceptionSchema = z.strictObject({
  id: idSchema,
  done: exceptionDoneSchema,
  note: noteSchema,
});
export const reopenExceptionSchema = z.strictObject({ id: idSchema, note: noteSchema });
/** `changed`: false = it stood like that already, and nothing was written. */
export const exceptionChangedSchema = z.strictObject({
  changed: z.boolean(),
  case: exceptionCaseSchema,
});
