import type { Path } from './rule-file.ts';

/** A text or a field's name that holds half a character, and where it is. */
export interface IllFormedText {
  /** Of the value, or of the record that has the name. */
  readonly path: Path;
  /** The field's name, where it is the name that is broken. */
  readonly key?: string;
}

/**
 * Texts with a lone surrogate. JSON and YAML can write one as `\ud800`, but it has no UTF-8 form, so what holds one can
 * neither be signed nor shown.
 */
export function illFormedTexts(value: unknown, path: Path = []): IllFormedText[] {
  if (typeof value === 'string') return value.isWellFormed() ? [] : [{ path }];
  if (Array.isArray(value))
    return value.flatMap((item, index) => illFormedTexts(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key.isWellFormed() ? illFormedTexts(inner, [...path, key]) : [{ path, key }],
  );
}
