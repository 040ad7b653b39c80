/**
 * Whether somebody may use faces at their age. Who is born on the last day of February is a year older on the first of
 * March of a year without it.
 * @param birthday `YYYY-MM-DD`; undefined = unknown, which counts as too young
 * @param day the store's business day, `YYYY-MM-DD`
 */
export function isOldEnough(birthday: string | undefined, day: string, ageMin: number): boolean {
  if (birthday === undefined) return false;
  const year = String(Number(birthday.slice(0, 4)) + ageMin).padStart(4, '0');
  return `${year}${birthday.slice(4)}` <= day;
}
