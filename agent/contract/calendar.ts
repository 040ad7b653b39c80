import { z } from 'zod';
import { authoredTextSchema } from './text.ts';
import { daySchema, instantSchema } from './time.ts';

/** Days that one rule set's calendar covers, at most: three years with a leap day. */
export const CALENDAR_MAX_DAYS = 1_096;
export const CALENDAR_MAX_FESTIVALS = 100;
/** Days of one festival that are written out. */
export const FESTIVAL_MAX_DAYS = 100;
/** Days before and after a festival that still count as it. */
export const FESTIVAL_MAX_AROUND = 30;
export const SCENE_MAX_TAGS = 128;
export const WEATHER_MAX_TAGS = 8;
export const SCENE_TAG_MAX_CHARS = 64;

/** What every calendar can say of a day, beside `festival:ID`. */
export const SCENE_TAGS = ['workday', 'weekend', 'holiday', 'member-day', 'festival'] as const;
/** Begins the tag of one festival, e.g. `festival:mid-autumn`. */
export const FESTIVAL_TAG_PREFIX = 'festival:';

const weekdays = z.array(z.int().min(1).max(7)).max(7);
const sceneTagSchema = z.string().min(1).max(SCENE_TAG_MAX_CHARS);

/** A day of the Chinese lunisolar calendar 农历; `last` is the 29th or 30th, as the month has it. */
const lunarDaySchema = z.strictObject({
  month: z.int().min(1).max(12),
  day: z.union([z.int().min(1).max(30), z.literal('last')]),
  /** The leap month 闰月 after the month of that number. */
  leap: z.boolean().default(false),
});
export type LunarDay = z.infer<typeof lunarDaySchema>;

const festivalIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);

/** The calendar as an author writes it in a rule file. */
export const calendarSourceSchema = z.strictObject({
  /** First and last day that it covers. */
  from: daySchema,
  to: daySchema,
  /** 1 = Monday ... 7 = Sunday. */
  weekend: weekdays.default([6, 7]),
  memberDays: z
    .strictObject({
      everyMonthOn: z.array(z.int().min(1).max(31)).max(31).default([]),
      weekdays: weekdays.default([]),
    })
    .prefault({}),
  festivals: z
    .array(
      z.strictObject({
        id: festivalIdSchema,
        name: authoredTextSchema,
        on: z.union([
          daySchema,
          z.array(daySchema).min(1).max(FESTIVAL_MAX_DAYS),
          z.strictObject({ lunar: lunarDaySchema }),
        ]),
        daysBefore: z.int().min(0).max(FESTIVAL_MAX_AROUND).default(0),
        daysAfter: z.int().min(0).max(FESTIVAL_MAX_AROUND).default(0),
      }),
    )
    .max(CALENDAR_MAX_FESTIVALS)
    .default([]),
  /** Days of a weekend that are worked 调休上班. */
  workdays: z.array(daySchema).max(CALENDAR_MAX_DAYS).default([]),
  /** Days off 放假. */
  holidays: z.array(daySchema).max(CALENDAR_MAX_DAYS).default([]),
});
export type CalendarSource = z.infer<typeof calendarSourceSchema>;

/** The calendar as published: every covered day with its tags, so that a till looks up and computes nothing. */
export const calendarSchema = z.strictObject({
  festivals: z
    .array(z.strictObject({ id: festivalIdSchema, name: authoredTextSchema }))
    .max(CALENDAR_MAX_FESTIVALS),
  /** By day `YYYY-MM-DD`; a day that is not here is not covered. */
  days: z
    .record(daySchema, z.array(sceneTagSchema).max(SCENE_MAX_TAGS))
    .refine(
      (days) => Object.keys(days).length <= CALENDAR_MAX_DAYS,
      `at most ${CALENDAR_MAX_DAYS} days`,
    ),
});
export type Calendar = z.infer<typeof calendarSchema>;

/** Scene 场景: what the calendar says of a business day. `known` false: it does not cover the day. */
export const sceneSchema = z.object({
  tags: z.array(sceneTagSchema).max(SCENE_MAX_TAGS),
  known: z.boolean(),
});
export type Scene = z.infer<typeof sceneSchema>;

/** What of the weather a decision may read. */
export const weatherSchema = z.object({ tags: z.array(sceneTagSchema).max(WEATHER_MAX_TAGS) });
export type Weather = z.infer<typeof weatherSchema>;

/** Begins the key of the fed setting that holds one store's weather, e.g. `weather:sh-01`. */
export const WEATHER_SETTING_PREFIX = 'weather:';
/** The weather of one store as headquarters feeds it; it counts until `validUntil`, exclusive. */
export const weatherSettingSchema = weatherSchema.extend({ validUntil: instantSchema });
