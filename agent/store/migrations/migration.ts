/**
 * One step of the schema, about one idea. A released migration never changes: tills in stores have run it, and the
 * database keeps its checksum. A correction is a further migration.
 */
export interface Migration {
  /** 1, 2, 3 ... without gaps. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
