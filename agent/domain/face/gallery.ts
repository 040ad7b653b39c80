/** The most templates that a gallery holds: one till's filing limit for faces. */
export const GALLERY_MAX = 100_000;

export interface Neighbour {
  readonly person: string;
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
  /** Adds a person or replaces the template; false where the gallery is full or the length is wrong. */
  add(person: string, template: Float32Array): boolean;
  /** Removes a person at once, numbers overwritten; false where there is none. */
  delete(person: string): boolean;
  nearest(probe: Float32Array): Nearest;
  /** The `count` nearest people, nearest first. */
  shortlist(probe: Float32Array, count: number): Neighbour[];
}

const FIRST_CAPACITY = 64;

/** An empty gallery of templates of `dimensions` numbers, compared by Euclidean distance. */
export function createGallery(dimensions: number, maxPeople: number = GALLERY_MAX): Gallery {
  let flat = new Float32Array(Math.min(FIRST_CAPACITY, maxPeople) * dimensions);
  const people: string[] = [];
  const rows = new Map<string, number>();

  function rowFor(person: string): number | null {
    const known = rows.get(person);
    if (known !== undefined) return known;
    if (people.length >= maxPeople) return null;
    const row = people.length;
    if ((row + 1) * dimensions > flat.length) {
      const grown = new Float32Array(Math.min(2 * row, maxPeople) * dimensions);
      grown.set(flat);
      // The old array holds templates too.
      flat.fill(0);
      flat = grown;
    }
    people.push(person);
    rows.set(person, row);
    return row;
  }

  /** Squared, and given up as soon as it is no less than `limit`. */
  function squared(row: number, probe: Float32Array, limit: number): number {
    const start = row * dimensions;
    let sum = 0;
    for (let at = 0; at < dimensions; at++) {
      const difference = (flat[start + at] as number) - (probe[at] as number);
      sum += difference * difference;
      if ((at & 31) === 31 && sum >= limit) return Number.POSITIVE_INFINITY;
    }
    return sum;
  }

  function shortlist(probe: Float32Array, count: number): Neighbour[] {
    const found: { row: number; sum: number }[] = [];
    if (probe.length !== dimensions || count < 1) return [];
    for (let row = 0; row < people.length; row++) {
      const limit =
        found.length < count
          ? Number.POSITIVE_INFINITY
          : (found.at(-1)?.sum ?? Number.POSITIVE_INFINITY);
      const sum = squared(row, probe, limit);
      if (!(sum < limit)) continue;
      const place = found.findIndex((one) => sum < one.sum);
      found.splice(place === -1 ? found.length : place, 0, { row, sum });
      if (found.length > count) found.pop();
    }
    return found.map(({ row, sum }) => ({
      person: people[row] as string,
      distance: Math.sqrt(sum),
    }));
  }

  return {
    get size() {
      return people.length;
    },
    add(person, template) {
      if (template.length !== dimensions || !template.every(Number.isFinite)) return false;
      const row = rowFor(person);
      if (row === null) return false;
      flat.set(template, row * dimensions);
      return true;
    },
    delete(person) {
      const row = rows.get(person);
      if (row === undefined) return false;
      const last = people.length - 1;
      const lastPerson = people[last] as string;
      flat.copyWithin(row * dimensions, last * dimensions, (last + 1) * dimensions);
      flat.fill(0, last * dimensions, (last + 1) * dimensions);
      people[row] = lastPerson;
      rows.set(lastPerson, row);
      people.pop();
      rows.delete(person);
      return true;
    },
    nearest(probe) {
      const [best = null, second = null] = shortlist(probe, 2);
      return { best, second };
    },
    shortlist,
  };
}
