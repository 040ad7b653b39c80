import { type Weather, weatherSettingSchema } from '../../contract/calendar.ts';

/**
 * The weather of a store as headquarters fed it; null where there is none, where it is out of date, or where this
 * version of the program cannot read it.
 * @param body JSON text of the setting
 * @param nowMs epoch milliseconds
 */
export function weatherOf(body: string | undefined, nowMs: number): Weather | null {
  if (body === undefined) return null;
  const parsed = weatherSettingSchema.safeParse(JSON.parse(body));
  if (!parsed.success || nowMs >= Date.parse(parsed.data.validUntil)) return null;
  return { tags: parsed.data.tags };
}
