import type { StayingRow } from '../../sync/client/check-ports.ts';
import { type StayingRowView, toInstant } from '../contract/index.ts';

/** Fields of a row that are named, at most. */
const FIELDS_MAX = 50;

/** Rows that differ again after their repair, the latest first: which fields differ, and nothing that names a person. */
export function showStaying(rows: readonly StayingRow[]): StayingRowView[] {
  return rows
    .map(({ table, key, atMs, here, there }) => ({
      table,
      key,
      at: toInstant(atMs),
      verHere: here?.ver ?? null,
      verThere: there?.ver ?? null,
      fields: fieldsThatDiffer(here?.body, there?.body),
    }))
    .reverse();
}

function fieldsThatDiffer(
  here: string | undefined,
  there: string | undefined,
): StayingRowView['fields'] {
  const ours = fieldsOf(here);
  const theirs = fieldsOf(there);
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return names
    .filter((name) => ours.get(name) !== theirs.get(name))
    .slice(0, FIELDS_MAX)
    .map((name) => ({ name, here: mask(ours.get(name)), there: mask(theirs.get(name)) }));
}

/** Every leaf of a body as JSON, by its dotted name. A damaged body is one field without a name of its own. */
function fieldsOf(body: string | undefined): Map<string, string> {
  const fields = new Map<string, string>();
  const walk = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
      fields.set(name, JSON.stringify(value));
    else
      for (const [part, inner] of Object.entries(value))
        walk(name === '' ? part : `${name}.${part}`, inner);
  };
  if (body === undefined) return fields;
  try {
    walk('', JSON.parse(body));
  } catch {
    // The image is shown because something is wrong with it: no JSON is one of the things that can be.
    fields.set('-', JSON.stringify(body));
  }
  return fields;
}

/** The first character and the length of a text; everything else as it is. */
function mask(json: string | undefined): string | null {
  if (json === undefined) return null;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'string') return json;
  const letters = [...value];
  return `${letters[0] ?? ''}***(${letters.length})`;
}
