import type { CutElement } from './element.ts';
import { isPath } from './link-order.ts';
import { escapeUri } from './uri-escapes.ts';

const STEM = 'https://id.gs1.org';

/**
 * The canonical Digital Link of elements that are right: the first primary key, the longest run of its qualifiers that
 * the elements hold, then attributes, those of fixed length first. Elements that came from a link keep its path.
 * @returns null where there is no primary key, or an element may not stand in a link
 */
export function canonicalLink(elements: readonly CutElement[]): string | null {
  const path = elements.some(({ isAttribute }) => isAttribute !== undefined)
    ? elements.filter(({ isAttribute }) => isAttribute === false)
    : pathOf(elements);
  if (path === null) return null;
  const inPath = new Set(path.map(({ ai }) => ai));
  const attributes = new Map(
    elements
      .toSorted((one, other) => Number(other.entry.fixed) - Number(one.entry.fixed))
      .filter(({ ai }) => !inPath.has(ai))
      .map((element): [string, CutElement] => [element.ai, element]),
  );
  if ([...attributes.values()].some(({ entry }) => !entry.attribute)) return null;
  const steps = path.map(({ ai, value }) => `/${ai}/${escapeUri(value)}`).join('');
  const query = [...attributes.values()].map(({ ai, value }) => `${ai}=${escapeUri(value)}`);
  return `${STEM}${steps}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function pathOf(elements: readonly CutElement[]): readonly CutElement[] | null {
  const key = elements.find(({ entry }) => entry.qualifiers !== undefined);
  if (key === undefined) return null;
  const runs = (key.entry.qualifiers ?? []).map((order) =>
    order.flatMap((ai) => elements.find((element) => element.ai === ai) ?? []),
  );
  const longest = runs.reduce<readonly CutElement[]>(
    (best, run) => (run.length > best.length ? run : best),
    [],
  );
  return isPath(
    key.entry,
    longest.map(({ ai }) => ai),
  )
    ? [key, ...longest]
    : null;
}
