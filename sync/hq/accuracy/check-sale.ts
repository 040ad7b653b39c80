import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import { businessDate } from '../../../agent/domain/benefits/local-time.ts';
import { replaySale } from '../../../agent/domain/benefits/replay-sale.ts';
import { dayText } from '../../../agent/domain/calendar/day.ts';
import type { AccuracyCause, RuleDifference } from '../../protocol/accuracy.ts';
import type { HqSession } from '../database/database.ts';
import { decidedAtMs } from './decided-at.ts';
import { fullData } from './full-data.ts';
import { judgeSale } from './judge-sale.ts';
import type { ChainBooks } from './member-at.ts';
import { openSealedSale } from './open-sealed-sale.ts';
import type { PublishedRules } from './published-rules.ts';

/** Paths at which an evaluation differs that a finding keeps. */
export const ENGINE_PATHS_MAX = 5;

/** The entry of a sale as HQ keeps it. */
export interface SaleEntry {
  readonly header: EntryHeader;
  readonly sealed: Uint8Array;
  /** Absent where it was destroyed. */
  readonly key: Uint8Array | undefined;
}

/** Whether the engine gives the stored evaluation again, or why that cannot be told. */
export type EngineState =
  | 'equal'
  | 'different'
  | 'erased'
  | 'input-cleared'
  | 'rule-set-missing'
  | 'broken';

/** What was found of one sale. */
export interface Finding {
  readonly engine: EngineState;
  /** null where nobody can tell any more. */
  readonly accurate: boolean | null;
  /** Of what is not accurate, and `no-history`. */
  readonly cause: AccuracyCause | null;
  readonly fields: readonly string[];
  readonly differences: readonly RuleDifference[];
  /** Epoch milliseconds; null where the input could not be read. */
  readonly decidedAtMs: number | null;
  readonly rulesInForce: number | null;
  readonly keys: readonly string[];
}

const NOTHING_FOUND = {
  cause: null,
  fields: [],
  differences: [],
  decidedAtMs: null,
  rulesInForce: null,
  keys: [],
} as const;

/** A sale at which the check itself broke. */
export const BROKE: Finding = {
  ...NOTHING_FOUND,
  engine: 'broken',
  accurate: false,
  cause: 'unexplained',
};

export interface CheckParts {
  readonly session: HqSession;
  readonly rules: PublishedRules;
  readonly books: ChainBooks;
  /** Time zone of a store. */
  readonly timeZoneOf: (storeId: string) => string;
}

/**
 * Looks at one sale twice: does the engine give the stored evaluation for the stored input under the sale's own rule set,
 * bit for bit; and would the till have decided the same from everything that the chain knew at that moment?
 */
export async function checkSale(
  { session, rules, books, timeZoneOf }: CheckParts,
  { header, sealed, key }: SaleEntry,
): Promise<Finding> {
  const opened = openSealedSale({ header, sealed }, key);
  if (!opened.ok)
    return opened.error.code === 'erased' ? unknowable('erased') : wrong('broken', 'body-broken');
  const compiled = await rules.ofVersion(session, header.ruleSetVersion);
  if (compiled === undefined) return wrong('rule-set-missing', 'rule-set-missing');
  const replayed = replaySale(compiled, header, opened.value);
  if (!replayed.ok)
    return replayed.error.code === 'input-cleared'
      ? unknowable('input-cleared')
      : wrong('broken', 'body-broken', [replayed.error.field]);
  const { input, differences } = replayed.value;
  if (differences.length > 0) {
    const paths = differences.map(({ path }) => path).slice(0, ENGINE_PATHS_MAX);
    return wrong('different', 'engine-differs', paths);
  }
  const atMs = Date.parse(header.at);
  const decided = decidedAtMs(input.now, atMs, timeZoneOf(header.storeId));
  const inForce = await rules.inForce(session, decided);
  const stored = { rules: compiled, input };
  const { tillId, incarnation, seq } = header;
  const day = dayText(businessDate(input.now).date);
  const moment = { atMs: decided, day, tillId, incarnation, seq };
  // Rules that the till had before HQ says it published them: its clock is ahead, or they came by another way.
  const isAhead = inForce === undefined || inForce.ruleSet.version < compiled.ruleSet.version;
  const full = await fullData(
    session,
    { stored, inForce: isAhead ? compiled : inForce, moment },
    books,
  );
  const judged = judgeSale(stored, full.data);
  const isAccurate = judged.cause === null;
  return {
    engine: 'equal',
    accurate: isAccurate,
    cause: isAccurate && full.withoutHistory ? 'no-history' : judged.cause,
    fields: judged.fields,
    differences: judged.differences,
    decidedAtMs: decided,
    rulesInForce: inForce?.ruleSet.version ?? null,
    keys: full.keys,
  };
}

function unknowable(engine: EngineState): Finding {
  return { ...NOTHING_FOUND, engine, accurate: null };
}

function wrong(engine: EngineState, cause: AccuracyCause, fields: readonly string[] = []): Finding {
  return { ...NOTHING_FOUND, engine, accurate: false, cause, fields };
}
