const DAY_MS = 86_400_000;

/** The ISO 8601 week of a day `YYYY-MM-DD`, as `2026-W47`: weeks begin on Monday, and the first has the year's first Thursday. */
export function isoWeek(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  const thursday = new Date(date.getTime() + (4 - weekday) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The Monday of a week before or after that of `day`. */
export function mondayOf(day: string, weeks = 0): string {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  return new Date(date.getTime() + (1 - weekday + 7 * weeks) * DAY_MS).toISOString().slice(0, 10);
}
