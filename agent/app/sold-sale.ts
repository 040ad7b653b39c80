import {
  assert,
  type EvaluationId,
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
  type ReturnId,
  type SaleId,
  type SoldSale,
  type Text,
  type Undone,
} from '../contract/index.ts';
import type { CountedUse, KeptTarget } from '../domain/benefits/kept-target.ts';
import { keptTarget } from '../domain/benefits/kept-target.ts';
import type { SealedSale } from '../domain/benefits/replay-sale.ts';
import { type KeptBecause, returnBasis } from '../domain/benefits/return-basis.ts';
import { addUnits } from '../domain/benefits/return-figures.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import { addDays } from '../domain/calendar/day.ts';
import { BASE_BUCKET } from '../domain/points/lots.ts';
import { undoByBucket } from '../domain/points/undo-by-bucket.ts';
import type { HoldRow } from '../store/store.ts';
import { openEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import type { KeptRules } from './replay.ts';
import { readSoldRecord, type SoldRecord, undoneOf, withReturn } from './sold-record.ts';
import type { SoldMove } from './undo-points.ts';

/** What the kept goods come to before a return and with it. */
export interface KeptGoods {
  readonly before: KeptTarget;
  readonly after: KeptTarget;
}

/** A sale that goods may come back to, wherever it was made. */
export interface Sold {
  readonly origin: SoldSale['origin'];
  readonly saleId: SaleId;
  readonly at: string;
  readonly businessDay: string;
  readonly storeId: string;
  readonly tillId: string;
  /** Where its record is kept here; absent for a sale of another till to which nothing came back here. */
  readonly row: HoldRow | undefined;
  readonly record: SoldRecord;
  /** Absent for guests, and once the member was erased: then only money goes back. */
  readonly memberId: MemberId | undefined;
  readonly moves: readonly SoldMove[];
  readonly undone: Undone;
  readonly entitlements: readonly string[];
  readonly tierAfter?: string | undefined;
  readonly couponsUsed: readonly string[];
  /** Names of rules, for people. */
  readonly names: ReadonlyMap<string, Text>;
  readonly returnUntil?: string | undefined;
  readonly keptBecause?: KeptBecause | undefined;
  readonly keptGoods: (before: UnitsByLine, after: UnitsByLine) => KeptGoods;
}

/** Which goods are asked about; with `returnId` they are claimed for that return. */
export interface SoldQuery {
  readonly saleId: SaleId;
  readonly units: UnitsByLine;
  readonly returnId?: ReturnId;
}

export interface SoldSales {
  /** Fails with `sale-unknown`, `sale-voided`, `sale-not-here` or `storage-failed`. */
  find(saleId: SaleId): Promise<Result<Sold, Failure>>;
  /** The same, ready to work out the return of these units; fails with `return-elsewhere` too. */
  forReturn(query: SoldQuery): Promise<Result<Sold, Failure>>;
  /** Gives a claim back whose return was not booked. */
  release(returnId: ReturnId): void;
}

type FoundReply = Awaited<ReturnType<TillContext['deps']['headquarters']['sales']['find']>>;
type FoundSale = NonNullable<Extract<FoundReply, { ok: true }>['value']['sale']>;
type BookedReturn = FoundSale['returns'][number];

/**
 * Finds sales for their returns: this till's own in its ledger, those of other tills at headquarters. Headquarters is
 * also asked what came back elsewhere to a sale of this till; while it is out of reach, this till goes by its own record,
 * and headquarters finds what came back twice.
 */
export function createSoldSales(context: TillContext, rulesOf: KeptRules): SoldSales {
  const { store, deps } = context;
  const { headquarters } = deps;
  const { sales } = headquarters;

  /** The row of a sale that this till keeps a record of, its own or one of another till. */
  function rowOf(saleId: SaleId): Result<HoldRow | undefined, Failure> {
    const row = store.holds.get(saleId as string as EvaluationId);
    if (row?.state === 'VOIDED') return err(failure('sale-voided', 'saleId'));
    return row === undefined || row.state === 'COMMITTED'
      ? ok(row)
      : err(failure('sale-unknown', 'saleId'));
  }

  function own(row: HoldRow, record: SoldRecord): Result<Sold, Failure> {
    const entry = store.ledger.bySeq(record.seq);
    assert(entry !== undefined, 'a committed sale has its entry');
    const opened = openEntry(context, entry);
    if (!opened.ok && opened.error.code === 'broken')
      return err(failure('storage-failed', 'saleId'));
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
    const taken = record.uses ?? usesOfOlder(row.evaluationId, record);
    const { windowDays, names, keptBecause } = basis;
    const gained = sealed?.evaluation as
      | { entitlements?: { kind: string }[]; tierAfter?: string }
      | undefined;
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
      tierAfter: gained?.tierAfter,
      couponsUsed: row.couponsReserved,
      names,
      returnUntil: windowDays === undefined ? undefined : addDays(header.businessDay, windowDays),
      keptBecause,
      keptGoods: (before, after) => ({ before: target(before), after: target(after) }),
    });
  }

  /** Older records do not tell what was taken: a rule with campaign money took what it took off the lines. */
  function usesOfOlder(evaluationId: EvaluationId, { lines }: SoldRecord): CountedUse[] {
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

  function elsewhere(found: FoundSale, row: HoldRow | undefined): Sold {
    const fresh: SoldRecord = {
      v: 1,
      seq: 0,
      currency: found.currency,
      ruleSetVersion: found.ruleSetVersion,
      policyVersion: found.policyVersion,
      referenceId: found.referenceId,
      lines: found.lines,
      gifts: found.gifts,
      returned: {},
      clawedBack: 0,
      givenBack: 0,
    };
    const moves = found.movements.map((move) => ({
      ...move,
      bucket: move.lot?.bucket ?? BASE_BUCKET,
    })) as SoldMove[];
    const record = row === undefined ? fresh : readSoldRecord(row);
    const sold: Sold = {
      origin: 'headquarters',
      saleId: found.saleId,
      at: found.at,
      businessDay: found.businessDay,
      storeId: found.storeId,
      tillId: found.tillId,
      row,
      record,
      memberId: found.memberId ?? undefined,
      moves,
      undone: undoneOf(record, moves),
      entitlements: found.entitlements,
      tierAfter: found.tierAfter,
      couponsUsed: found.couponsUsed,
      names: new Map(Object.entries(found.names)),
      returnUntil: found.returnUntil,
      keptBecause: found.keptBecause,
      keptGoods: () => {
        throw new Error('broken invariant: the kept goods of a sale elsewhere are asked for first');
      },
    };
    return withReturns(sold, found.returns);
  }

  /** The sale with the returns of other tills; this till's own are in its record, unless it has none. */
  function withReturns(sold: Sold, returns: readonly BookedReturn[]): Sold {
    let { record, undone } = sold;
    for (const { returnId, tillId, undone: more } of returns) {
      const isOwn = sold.row !== undefined && tillId === store.tillId;
      if (isOwn || record.elsewhere?.includes(returnId) === true) continue;
      const moves = more.moves ?? undoByBucket(sold.moves, undone.moves ?? [], more);
      record = withReturn(record, undone, { ...more, moves }, returnId);
      undone = undoneOf(record, sold.moves);
    }
    return { ...sold, record, undone };
  }

  async function atHeadquarters(
    saleId: SaleId,
    row: HoldRow | undefined,
  ): Promise<Result<Sold, Failure>> {
    if (headquarters.state().state === 'not-configured')
      return err(failure('sale-unknown', 'saleId'));
    const reply = await sales.find(saleId);
    if (!reply.ok) return err(failure('sale-not-here', 'saleId', { reason: 'offline' }));
    const { sale, reason = 'unknown' } = reply.value;
    if (sale === null) return err(failure('sale-not-here', 'saleId', { reason }));
    // The member's lots come with them; without an answer what is owed or given is put right by headquarters.
    if (sale.memberId !== null && store.members.byId(sale.memberId) === undefined)
      await headquarters.lookup.find({ by: 'member', value: sale.memberId });
    return ok(elsewhere(sale, row));
  }

  async function find(saleId: SaleId): Promise<Result<Sold, Failure>> {
    const row = rowOf(saleId);
    if (!row.ok) return row;
    const record = row.value && readSoldRecord(row.value);
    if (row.value === undefined || record === undefined || record.seq === 0)
      return atHeadquarters(saleId, row.value);
    const sold = own(row.value, record);
    if (!sold.ok || headquarters.state().state !== 'online') return sold;
    const reply = await sales.find(saleId);
    return reply.ok && reply.value.sale !== null
      ? ok(withReturns(sold.value, reply.value.sale.returns))
      : sold;
  }

  async function claimed(sold: Sold, returnId: ReturnId): Promise<Result<Sold, Failure>> {
    const reply = await sales.claim({ returnId, saleId: sold.saleId });
    const isOwn = sold.origin === 'this-till';
    if (!reply.ok)
      return isOwn ? ok(sold) : err(failure('sale-not-here', 'saleId', { reason: 'offline' }));
    const { state, returns, tillId } = reply.value;
    switch (state) {
      case 'granted':
        return ok(withReturns(sold, returns));
      case 'unknown':
        return isOwn ? ok(sold) : err(failure('sale-not-here', 'saleId', { reason: 'unknown' }));
      case 'claimed':
      case 'booked':
        return err(failure('return-elsewhere', 'returnId', { tillId: tillId ?? null }));
    }
  }

  /** Headquarters works out what the kept goods come to: it alone has what the sale rested on. */
  async function withKept(sold: Sold, units: UnitsByLine): Promise<Result<Sold, Failure>> {
    const before = sold.undone.units;
    const after = addUnits(before, units);
    const fits = sold.record.lines.every(({ lineId, qty }) => (after[lineId] ?? 0) <= qty);
    // Too many units are refused with how many are left, whatever the rest would come to.
    if (!fits) return ok(sold);
    const reply = await sales.kept({ saleId: sold.saleId, before, after });
    return reply.ok
      ? ok({ ...sold, keptGoods: () => reply.value as KeptGoods })
      : err(failure('sale-not-here', 'saleId', { reason: 'offline' }));
  }

  async function forReturn({ saleId, units, returnId }: SoldQuery): Promise<Result<Sold, Failure>> {
    const isOnline = headquarters.state().state === 'online';
    const row = rowOf(saleId);
    if (!row.ok) return row;
    const record = row.value && readSoldRecord(row.value);
    const isOwn = row.value !== undefined && record !== undefined && record.seq !== 0;
    // A claim answers what came back elsewhere, so a sale of this till is asked for once.
    const found = isOwn && returnId !== undefined ? own(row.value, record) : await find(saleId);
    if (!found.ok) return found;
    const sold = returnId === undefined || !isOnline ? found : await claimed(found.value, returnId);
    if (!sold.ok || sold.value.origin === 'this-till') return sold;
    const kept = await withKept(sold.value, units);
    if (!kept.ok && returnId !== undefined) sales.release(returnId);
    return kept;
  }

  return {
    find,
    forReturn,
    release(returnId) {
      if (headquarters.state().state !== 'not-configured') sales.release(returnId);
    },
  };
}

function giftsOf(sealed: SealedSale | undefined): NonNullable<SoldRecord['gifts']> {
  return (sealed?.evaluation as { gifts?: NonNullable<SoldRecord['gifts']> })?.gifts ?? [];
}
