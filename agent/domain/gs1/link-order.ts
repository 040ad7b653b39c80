import type { Ai } from './ai-table.ts';
import type { CutElement } from './element.ts';
import type { Gs1Error } from './gs1-error.ts';

/**
 * What is wrong with where the elements of a Digital Link stand: qualifiers that are not the key's or out of their order,
 * an AI twice, an attribute that the dictionary does not allow as one or that belongs in the path.
 */
export function linkOrderErrors(elements: readonly CutElement[]): readonly Gs1Error[] {
  const path = elements.filter(({ isAttribute }) => isAttribute !== true);
  const [key, ...qualifiers] = path;
  if (key === undefined) return [];
  const ais = qualifiers.map(({ ai }) => ai);
  if (!isPath(key.entry, ais))
    return [{ code: 'wrong-path-order', position: (qualifiers[0] ?? key).position }];
  const sorted = elements.toSorted((one, other) =>
    one.ai < other.ai ? -1 : one.ai > other.ai ? 1 : 0,
  );
  return [
    ...sorted.flatMap((element, nth): Gs1Error[] =>
      nth > 0 && sorted[nth - 1]?.ai === element.ai
        ? [{ code: 'duplicate', ai: element.ai, position: element.position }]
        : [],
    ),
    ...sorted.flatMap((element): Gs1Error[] => {
      const { ai, entry, isAttribute, position } = element;
      if (isAttribute !== true) return [];
      if (!entry.attribute) return [{ code: 'not-an-attribute', ai, position }];
      return fitsIntoPath(key.entry, ais, ai) ? [{ code: 'belongs-in-path', ai, position }] : [];
    }),
  ];
}

/** Whether these qualifiers may stand behind the key: one of its orders, some of it left out. */
export function isPath(key: Ai, qualifiers: readonly string[]): boolean {
  return (
    qualifiers.length === 0 ||
    (key.qualifiers ?? []).some((order) => {
      let at = 0;
      for (const ai of order) if (qualifiers[at] === ai) at += 1;
      return at === qualifiers.length;
    })
  );
}

function fitsIntoPath(key: Ai, qualifiers: readonly string[], ai: string): boolean {
  for (let at = 0; at <= qualifiers.length; at += 1) {
    if (isPath(key, [...qualifiers.slice(0, at), ai, ...qualifiers.slice(at)])) return true;
  }
  return false;
}
