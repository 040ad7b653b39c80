/** Why a record of the file could not be read at all. */
export type RecordFault = 'row-too-long' | 'quote' | 'json-syntax';

/** One record of a file, before anybody knows what its parts mean. */
export interface SourceRecord {
  /** As a spreadsheet counts: the header is row 1, blank rows count. For JSON lines the line's number. */
  readonly rowNo: number;
  /** The record as it stands in the file (its beginning where it is too long). */
  readonly raw: string;
  /** Cells of a CSV row, or the fields of a JSON object. */
  readonly content:
    | { readonly kind: 'cells'; readonly cells: readonly string[] }
    | { readonly kind: 'object'; readonly object: Readonly<Record<string, unknown>> }
    | { readonly kind: 'fault'; readonly fault: RecordFault };
}

/** Takes text in pieces of any size and gives the records that are complete; `end` gives the last one. */
export interface RecordReader {
  push(text: string): SourceRecord[];
  end(): SourceRecord[];
}
