/** The calendar month `YYYY-MM` of a day `YYYY-MM-DD`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** The calendar year of a day or month. */
export function yearOf(day: string): number {
  return Number.parseInt(day.slice(0, 4), 10);
}

/** The month `count` months before another, both `YYYY-MM`; a negative count looks ahead. */
export function monthsBefore(month: string, count: number): string {
  const ordinal = yearOf(month) * 12 + Number.parseInt(month.slice(5, 7), 10) - 1 - count;
  const year = String(Math.floor(ordinal / 12)).padStart(4, '0');
  return `${year}-${String((ordinal % 12) + 1).padStart(2, '0')}`;
}
