import type { EvaluatedLine } from '../contract/index.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import type { HoldRow } from '../store/store.ts';

/**
 * What stays readable of a sale for its returns: figures and article numbers, nothing personal. It takes the place of
 * the hold's body when the sale is committed, so that goods can come back after the member was erased.
 */
export interface SoldRecord {
  readonly v: 1;
  readonly seq: number;
  readonly currency: string;
  readonly ruleSetVersion: number;
  readonly policyVersion: number;
  readonly referenceId: string;
  readonly lines: readonly EvaluatedLine[];
  /** Units returned so far, by line. */
  readonly returned: UnitsByLine;
  /** Points taken back and given back by the returns so far. */
  readonly clawedBack: number;
  readonly givenBack: number;
}

/** The record of a committed sale. */
export function readSoldRecord(row: HoldRow): SoldRecord {
  return JSON.parse(row.body) as SoldRecord;
}
