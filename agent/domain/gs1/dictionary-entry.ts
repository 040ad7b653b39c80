/** Character sets of the GS1 General Specifications, section 7.11: digits, set 82, set 39, URI-safe base 64. */
export type CharacterSet = 'N' | 'X' | 'Y' | 'Z';

/** Procedures of the syntax dictionary that check a part of a value beyond its characters and length. */
export type CheckName =
  | 'couponcode'
  | 'couponposoffer'
  | 'csum'
  | 'csumalpha'
  | 'gcppos1'
  | 'gcppos2'
  | 'hasnondigit'
  | 'hh'
  | 'hhmi'
  | 'hyphen'
  | 'iban'
  | 'importeridx'
  | 'iso3166'
  | 'iso3166999'
  | 'iso3166alpha2'
  | 'iso4217'
  | 'iso5218'
  | 'latitude'
  | 'longitude'
  | 'mediatype'
  | 'mi'
  | 'nonzero'
  | 'nozeroprefix'
  | 'packagetype'
  | 'pcenc'
  | 'pieceoftotal'
  | 'posinseqslash'
  | 'ss'
  | 'winding'
  | 'yesno'
  | 'yymmdd'
  | 'yymmd0'
  | 'yyyymmdd'
  | 'zero';

/** One part of a value. Only the last part may vary in length; no part that must stand follows one that may not. */
export interface Component {
  readonly set: CharacterSet;
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
  readonly checks: readonly CheckName[];
}

/** One line of the GS1 syntax dictionary: an application identifier (AI), or a run of them. */
export interface DictionaryEntry {
  readonly first: string;
  /** The last AI of the run; the same as `first` for one alone. */
  readonly last: string;
  /** Its length is told by the AI, so no separator need follow. */
  readonly fixed: boolean;
  /** May stand in the query of a Digital Link. */
  readonly attribute: boolean;
  readonly components: readonly Component[];
  /** Each must be met, by one of its groups; a group is met by AIs or patterns (`31nn`) that all stand beside it. */
  readonly requires: readonly (readonly (readonly string[])[])[];
  /** AIs and patterns that may not stand beside it. */
  readonly excludes: readonly string[];
  /** Of a primary key of Digital Links: the orders of its qualifiers, each of which may be left out. */
  readonly qualifiers?: readonly (readonly string[])[];
  readonly title: string;
}
