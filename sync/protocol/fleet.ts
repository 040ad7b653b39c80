import { z } from 'zod';
import { storeIdSchema, tillIdSchema } from '../../agent/contract/ids.ts';
import { currencySchema } from '../../agent/contract/money.ts';
import { textSchema } from '../../agent/contract/text.ts';
import { instantSchema } from '../../agent/contract/time.ts';
import { checkRecordSchema } from './check.ts';

/** Days over which the fleet view counts drift. */
export const DRIFT_DAYS = 30;

/** One till in HQ's list. */
export const tillRowSchema = z.strictObject({
  tillId: tillIdSchema,
  storeId: storeIdSchema,
  storeName: textSchema,
  storeTier: z.string(),
  /** `waiting`: a code was made and not used. */
  state: z.enum(['waiting', 'registered', 'revoked', 'copied']),
  /** A stream or a poll of the till was heard within the last few seconds. */
  online: z.boolean(),
  lastSeenAt: instantSchema.nullable(),
  version: z.string().nullable(),
  protocol: z.int().nullable(),
  /** Feed rows that the till has yet to take. */
  behind: z.int().min(0).nullable(),
  /** Rows at the till that HQ has yet to receive, and since when the oldest waits, as the till last said; `null` = it did not say. */
  waiting: z.int().min(0).nullable(),
  oldestWaitingAt: instantSchema.nullable(),
  receivedSeq: z.int().min(0),
  backedUpSeq: z.int().min(0),
  /** How far the till's clock is ahead of HQ's, in milliseconds. */
  clockOffsetMs: z.int().nullable(),
  registeredAt: instantSchema.nullable(),
  /** The last walk or scrub that the till told of, by its own clock; `null` = none yet. */
  lastCheck: z
    .strictObject({
      at: instantSchema,
      kind: checkRecordSchema.shape.kind,
      outcome: checkRecordSchema.shape.outcome,
      /** Rows that differed. */
      drift: z.int().min(0),
    })
    .nullable(),
  /** Rows that its walks of the last {@link DRIFT_DAYS} days found to differ. */
  recentDrift: z.int().min(0),
});
export type TillRow = z.infer<typeof tillRowSchema>;

export const tillListSchema = z.strictObject({
  at: instantSchema,
  head: z.int().min(0),
  tills: z.array(tillRowSchema),
});

/** What a till told of its checks, the newest first. */
export const tillChecksSchema = z.strictObject({
  checks: z.array(checkRecordSchema.extend({ receivedAt: instantSchema })),
});

/** One line of HQ's list of what was booked, newest first. */
export const bookingRowSchema = z.strictObject({
  at: instantSchema,
  receivedAt: instantSchema,
  source: z.enum(['till', 'online']),
  tillId: z.string().nullable(),
  storeId: z.string().nullable(),
  kind: z.string(),
  seq: z.int().min(1),
  reference: z.string(),
  maskedName: z.string().nullable(),
  payableMinor: z.int(),
  currency: z.string(),
  pointsEarned: z.int(),
  pointsSpent: z.int(),
});
export const bookingListSchema = z.strictObject({
  total: z.int().min(0),
  rows: z.array(bookingRowSchema),
});

export const alarmRowSchema = z.strictObject({
  at: instantSchema,
  code: z.string(),
  tillId: z.string().nullable(),
  text: textSchema,
});
export type AlarmRow = z.infer<typeof alarmRowSchema>;

/** One till with the alarms that name it, the newest first. */
export const tillDetailSchema = z.strictObject({
  at: instantSchema,
  head: z.int().min(0),
  till: tillRowSchema,
  alarms: z.array(alarmRowSchema).max(50),
});
export type TillDetail = z.infer<typeof tillDetailSchema>;

/** Figures of HQ at a glance. */
export const overviewSchema = z.strictObject({
  at: instantSchema,
  version: z.string(),
  engine: z.enum(['postgresql', 'pglite']),
  /** PGlite does not sync to disk; shown as long as it is so. */
  warning: textSchema.nullable(),
  timeline: z.string(),
  demo: z.boolean(),
  /** Of every amount of the chain. */
  currency: currencySchema,
  members: z.int().min(0),
  stores: z.int().min(0),
  entries: z.int().min(0),
  head: z.int().min(0),
  /** Rows that wait for their number. */
  waiting: z.int().min(0),
  ruleSetVersion: z.int().min(0),
  /** Bookings that wait for a person. */
  openExceptions: z.int().min(0),
  /** Full-volume checks of registered tills: those that ended within a day, and what those of a week found. */
  checks: z.strictObject({
    tills: z.int().min(0),
    checkedTills: z.int().min(0),
    driftRows: z.int().min(0),
    repairedRows: z.int().min(0),
  }),
  /** Alarms of the last seven days. */
  recentAlarms: z.int().min(0),
  alarms: z.array(alarmRowSchema).max(100),
});

export const memberHitSchema = z.strictObject({
  memberId: z.string(),
  maskedName: z.string(),
  phoneLast4: z.string().nullable(),
  tier: z.string(),
  points: z.int(),
  homeStoreId: z.string().nullable(),
});
