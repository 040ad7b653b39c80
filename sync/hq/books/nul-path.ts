/**
 * Where the first text with a NUL character lies in a JSON value, as `items.3.detail`; undefined = nowhere. PostgreSQL
 * cannot store that character, so it is refused by name before it is an error of the database.
 */
export function nulPath(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    if (key.includes('\0')) return path;
    const found = nulPath(part, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
