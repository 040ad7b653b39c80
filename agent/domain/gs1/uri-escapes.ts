/**
 * Takes percent escapes out, one character for each octet. What begins like an escape and is none stays as it stands; in
 * a query a `+` is a blank.
 */
export function unescapeUri(raw: string, isQuery: boolean): string {
  const plain = isQuery ? raw.replaceAll('+', ' ') : raw;
  if (!plain.includes('%')) return plain;
  return plain.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Escapes every character that RFC 3986 does not call unreserved, with capital letters; ASCII only. */
export function escapeUri(value: string): string {
  return value.replace(
    /[^A-Za-z0-9\-._~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
