/** One row of a pass, with its squared distance. */
export interface NearRow {
  readonly row: number;
  readonly squared: number;
}

/** The nearest rows of a pass so far. */
export interface NearestList {
  /** How many it holds at most. */
  readonly count: number;
  /** A row has to be nearer than this to be taken: infinite until the list is full. */
  readonly limit: number;
  /** Takes a row that is nearer than `limit`; of equal distances the one that was offered first stays before. */
  offer(row: number, squared: number): void;
  /** Nearest first. */
  rows(): readonly NearRow[];
}

/** An empty list of the `count` nearest. Lists are short (a shortlist for people), so places are found by walking. */
export function createNearestList(count: number): NearestList {
  const found: NearRow[] = [];
  let limit = Number.POSITIVE_INFINITY;
  return {
    count,
    get limit() {
      return limit;
    },
    offer(row, squared) {
      if (!(squared < limit)) return;
      let place = found.length;
      while (place > 0 && squared < (found[place - 1] as NearRow).squared) place--;
      found.splice(place, 0, { row, squared });
      if (found.length > count) found.pop();
      if (found.length === count) limit = (found[count - 1] as NearRow).squared;
    },
    rows: () => found,
  };
}
