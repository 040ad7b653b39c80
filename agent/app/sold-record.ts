import type { EvaluatedLine, Evaluation, ReturnId, Undone } from '../contract/index.ts';
import type { CountedUse } from '../domain/benefits/kept-target.ts';
import { addUndone, NOTHING_UNDONE } from '../domain/benefits/return-figures.ts';
import { pointsOf, shareSoFar, type UnitsByLine } from '../domain/benefits/return-share.ts';
import { type SaleMove, undoByBucket } from '../domain/points/undo-by-bucket.ts';
import type { HoldRow } from '../store/store.ts';

/**
 * What stays readable of a sale for its returns: figures and article numbers, nothing personal. It takes the place of
 * the hold's body when the sale is committed, so that goods can come back after the member was erased. Of a sale of
 * another till it is kept once goods of it came back here.
 */
export interface SoldRecord {
  readonly v: 1;
  /** The sale's entry; 0 = it stands in the ledger of another till. */
  readonly seq: number;
  readonly currency: string;
  readonly ruleSetVersion: number;
  readonly policyVersion: number;
  readonly referenceId: string;
  readonly lines: readonly EvaluatedLine[];
  /** Absent = none, and in records of older versions. */
  readonly gifts?: Evaluation['gifts'];
  /** Uses and campaign money that the sale took; absent = none, and in records of older versions. */
  readonly uses?: readonly CountedUse[];
  /** Units returned so far, by line. */
  readonly returned: UnitsByLine;
  /** Points taken back and given back by the returns so far; read where `undone` is not, by older versions. */
  readonly clawedBack: number;
  readonly givenBack: number;
  /** All that the returns so far undid; absent = none, and in records of older versions the three above tell it. */
  readonly undone?: Undone;
  /** Returns of other tills that are in there. */
  readonly elsewhere?: readonly ReturnId[];
}

/** The record of a committed sale. */
export function readSoldRecord(row: HoldRow): SoldRecord {
  return JSON.parse(row.body) as SoldRecord;
}

/**
 * What the returns so far undid. Older versions left every benefit with the kept goods and undid movements in their order.
 * @param moves of the sale
 */
export function undoneOf(record: SoldRecord, moves: readonly SaleMove[]): Undone {
  const { undone, lines, returned } = record;
  if (undone !== undefined) return undone;
  if (Object.keys(returned).length === 0) return NOTHING_UNDONE;
  const { refundMinor, earned, spent } = shareSoFar({ lines: [...lines] }, returned);
  return {
    units: { ...returned },
    refundMinor,
    earned: { ...earned },
    spent: { ...spent },
    gifts: [],
    moves: undoByBucket(moves, [], { earned, spent }),
  };
}

/** The record once one more return is in it. */
export function withReturn(
  record: SoldRecord,
  before: Undone,
  more: Undone,
  elsewhere?: ReturnId,
): SoldRecord {
  const undone = addUndone(before, more);
  return {
    ...record,
    returned: undone.units,
    clawedBack: pointsOf(undone.earned),
    givenBack: pointsOf(undone.spent),
    undone,
    ...(elsewhere === undefined ? {} : { elsewhere: [...(record.elsewhere ?? []), elsewhere] }),
  };
}
