import { z } from 'zod';

/** An instant as ISO 8601 text in UTC or with an offset, e.g. `2026-11-21T08:30:00.000Z`. */
export const instantSchema = z.iso.datetime({ offset: true });
/** A calendar day without a time, `YYYY-MM-DD`. */
export const daySchema = z.iso.date();
/** IANA time zone name, e.g. `Asia/Shanghai`. */
export const timeZoneSchema = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, { message: 'no IANA time zone, e.g. Asia/Shanghai' });

/** The ISO text of an epoch in milliseconds. */
export function toInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Whether the system knows this time zone; an unknown one would break every local time later. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // The constructor throws a RangeError for exactly that reason.
    return false;
  }
}
