import { FACES_FILING_LIMIT } from '../face-consent/filing-limit.ts';
import { createNearestList } from './nearest-list.ts';
import { plainScan, type SquaredDistances } from './squared-distances.ts';

/** The most templates that a gallery holds: one till's filing limit for faces. */
export const GALLERY_MAX = FACES_FILING_LIMIT;

export interface Neighbour {
  readonly person: string;
  /** Euclidean, in the metric of the model. */
  readonly distance: number;
}

export interface Nearest {
  /** The nearest person, or null in an empty gallery. */
  readonly best: Neighbour | null;
  /** The nearest other person. */
  readonly second: Neighbour | null;
}

/** One averaged template a person, in one flat array: a search is one pass over it. */
export interface Gallery {
  readonly size: number;
  /**
   * Adds a person or replaces the template; false where the gallery is full, or the template has another length, a
   * number that is none, or nothing but zeros.
   */
  add(person: string, template: Float32Array): boolean;
  /** Removes a person at once, numbers overwritten; false where there is none. */
  delete(person: string): boolean;
  /** Removes everybody, numbers overwritten. */
  clear(): void;
  nearest(probe: Float32Array): Nearest;
  /** The `count` nearest people, nearest first; equal distances in no promised order. */
  shortlist(probe: Float32Array, count: number): Neighbour[];
  /** Distance to one person's template; undefined where there is none or the probe is no descriptor. */
  distanceTo(person: string, probe: Float32Array): number | undefined;
}

const FIRST_CAPACITY = 64;

/** Whether numbers can be compared: of the wanted length, all finite, not all zero. */
export function isComparable(values: Float32Array, dimensions: number): boolean {
  if (values.length !== dimensions) return false;
  let isZero = true;
  for (const value of values) {
    if (!Number.isFinite(value)) return false;
    if (value !== 0) isZero = false;
  }
  return !isZero;
}

/**
 * An empty gallery of templates of `dimensions` numbers, compared by Euclidean distance.
 * @param scan the pass over all templates; it owns their memory
 */
export function createGallery(
  dimensions: number,
  maxPeople: number = GALLERY_MAX,
  scan: SquaredDistances = plainScan(dimensions),
): Gallery {
  let capacity = 0;
  let flat: Float32Array = new Float32Array(0);
  const people: string[] = [];
  const rows = new Map<string, number>();

  function rowFor(person: string): number | null {
    const known = rows.get(person);
    if (known !== undefined) return known;
    const row = people.length;
    if (row >= maxPeople) return null;
    if (row === capacity) {
      capacity = Math.min(Math.max(FIRST_CAPACITY, 2 * capacity), maxPeople);
      flat = scan.reserve(capacity);
    }
    people.push(person);
    rows.set(person, row);
    return row;
  }

  function shortlist(probe: Float32Array, count: number): Neighbour[] {
    if (!isComparable(probe, dimensions) || count < 1) return [];
    const list = createNearestList(count);
    scan.pass(probe, people.length, list);
    return list
      .rows()
      .map(({ row, squared }) => ({ person: nameIn(row), distance: Math.sqrt(squared) }));
  }

  function nameIn(row: number): string {
    return people[row] as string;
  }

  return {
    get size() {
      return people.length;
    },
    add(person, template) {
      if (!isComparable(template, dimensions)) return false;
      const row = rowFor(person);
      if (row === null) return false;
      flat.set(template, row * dimensions);
      return true;
    },
    delete(person) {
      const row = rows.get(person);
      if (row === undefined) return false;
      const last = people.length - 1;
      const lastPerson = nameIn(last);
      flat.copyWithin(row * dimensions, last * dimensions, (last + 1) * dimensions);
      flat.fill(0, last * dimensions, (last + 1) * dimensions);
      people[row] = lastPerson;
      rows.set(lastPerson, row);
      people.pop();
      rows.delete(person);
      return true;
    },
    clear() {
      flat.fill(0);
      people.length = 0;
      rows.clear();
    },
    nearest(probe) {
      const [best = null, second = null] = shortlist(probe, 2);
      return { best, second };
    },
    shortlist,
    distanceTo(person, probe) {
      const row = rows.get(person);
      if (row === undefined || !isComparable(probe, dimensions)) return undefined;
      let sum = 0;
      for (let at = 0; at < dimensions; at++)
        sum += ((flat[row * dimensions + at] as number) - (probe[at] as number)) ** 2;
      return Math.sqrt(sum);
    },
  };
}
