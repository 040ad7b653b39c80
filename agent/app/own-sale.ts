import {
  assert,
  type EvaluationId,
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
} from '../contract/index.ts';
import { type CountedUse, keptTarget } from '../domain/benefits/kept-target.ts';
import type { SealedSale } from '../domain/benefits/replay-sale.ts';
import { returnBasis } from '../domain/benefits/return-basis.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import { addDays } from '../domain/calendar/day.ts';
import { BASE_BUCKET } from '../domain/points/lots.ts';
import type { HoldRow } from '../store/store.ts';
import { openEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import type { KeptRules } from './replay.ts';
import { type SoldRecord, undoneOf } from './sold-record.ts';
import type { Sold } from './sold-sale.ts';

/** A sale of this till, from its entry and its record. Fails with `storage-failed` where the entry cannot be read. */
export function ownSale(
  context: TillContext,
  rulesOf: KeptRules,
  row: HoldRow,
  record: SoldRecord,
): Result<Sold, Failure> {
  const { store } = context;
  const entry = store.ledger.bySeq(record.seq);
  assert(entry !== undefined, 'a committed sale has its entry');
  const opened = openEntry(context, entry);
  if (!opened.ok && opened.error.code === 'broken') return err(failure('storage-failed', 'saleId'));
  const sealed = opened.ok ? (opened.value as SealedSale) : undefined;
  const memberId = (sealed?.memberId ?? undefined) as MemberId | undefined;
  const { header } = entry;
  const goods = { lines: [...record.lines], gifts: record.gifts ?? giftsOf(sealed) };
  const basis = returnBasis(rulesOf(record.ruleSetVersion), header, goods, sealed);
  const moves =
    memberId === undefined
      ? []
      : store.points.movementsOf(record.seq).map(({ lotId, delta }) => ({
          lotId,
          delta,
          bucket: store.points.lot(memberId, lotId)?.bucket ?? BASE_BUCKET,
        }));
  const taken = record.uses ?? usesOfOlder(store, row.evaluationId, record);
  const { windowDays, names, keptBecause } = basis;
  const gained = sealed?.evaluation as
    | { entitlements?: { kind: string }[]; tierAfter?: string }
    | undefined;
  const tierBefore = (sealed?.input as { member?: { tier?: string } | null } | undefined)?.member
    ?.tier;
  const target = (units: UnitsByLine) => keptTarget(basis, goods, units, taken);
  return ok({
    origin: 'this-till',
    saleId: header.saleId,
    at: header.at,
    businessDay: header.businessDay,
    storeId: header.storeId,
    tillId: header.tillId,
    row,
    record: { ...record, gifts: goods.gifts },
    memberId,
    moves,
    undone: undoneOf(record, moves),
    entitlements: (gained?.entitlements ?? []).map(({ kind }) => kind),
    tierAfter: gained?.tierAfter === tierBefore ? undefined : gained?.tierAfter,
    couponsUsed: row.couponsReserved,
    names,
    returnUntil: windowDays === undefined ? undefined : addDays(header.businessDay, windowDays),
    keptBecause,
    keptGoods: (before, after) => ({ before: target(before), after: target(after) }),
  });
}

/** Older records do not tell what was taken: a rule with campaign money took what it took off the lines. */
function usesOfOlder(
  store: TillContext['store'],
  evaluationId: EvaluationId,
  { lines }: SoldRecord,
): CountedUse[] {
  return store.ruleUses.of(evaluationId).map((use) => ({
    ...use,
    amountMinor:
      use.budgetId === null
        ? 0
        : lines
            .flatMap(({ discounts }) => discounts)
            .reduce((sum, one) => (one.ruleId === use.ruleId ? sum + one.discountMinor : sum), 0),
  }));
}

function giftsOf(sealed: SealedSale | undefined): NonNullable<SoldRecord['gifts']> {
  return (sealed?.evaluation as { gifts?: NonNullable<SoldRecord['gifts']> })?.gifts ?? [];
}
