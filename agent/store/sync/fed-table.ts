/** A row that headquarters feeds, as this till has it. */
export interface FedRow {
  /** 0 = written at this till. */
  readonly ver: number;
}

/** One table of the feed in this till's database: how its rows are found, kept and removed. */
export interface FedTable<Found extends FedRow = FedRow> {
  /** The rows have no table of their own. */
  readonly livesInFeedRows?: true;
  find(key: string): Found | undefined;
  /**
   * Keeps a row.
   * @param body as it came
   * @param found the row as {@link find} gives it
   * @returns why this program cannot read it; nothing was changed then
   */
  put(key: string, ver: number, body: string, found: Found | undefined): string | undefined;
  remove(key: string, found: Found): void;
  /** Keys after `after` up to `to` (absent = to the end) with their versions, in order. */
  range(after: string, to: string | undefined): { readonly key: string; readonly ver: number }[];
}
