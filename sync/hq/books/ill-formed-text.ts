/**
 * Places of text that PostgreSQL cannot keep or canonical JSON cannot hold, in a JSON value: a NUL character, or half of
 * a surrogate pair. As `items.3.detail`, the value itself as the empty place.
 */
export function illFormedPlaces(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return isWellFormed(value) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    isWellFormed(key) ? illFormedPlaces(part, path === '' ? key : `${path}.${key}`) : [path],
  );
}

/** The same value with U+FFFD in the place of each character that cannot be kept, so that texts keep their length. */
export function wellFormed<T>(value: T): T {
  return replaced(value) as T;
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return wellFormedText(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([key, part]) => [wellFormedText(key), replaced(part)]);
  return Object.fromEntries(parts);
}

function wellFormedText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
