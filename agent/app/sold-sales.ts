import {
  type EvaluationId,
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
  type ReturnId,
  type SaleId,
} from '../contract/index.ts';
import { addUnits } from '../domain/benefits/return-figures.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import { followMerge } from '../domain/identify/follow-merge.ts';
import type { HoldRow } from '../store/store.ts';
import type { TillContext } from './context.ts';
import { ownSale } from './own-sale.ts';
import type { KeptRules } from './replay.ts';
import { saleElsewhere } from './sale-elsewhere.ts';
import { readSoldRecord, type SoldRecord } from './sold-record.ts';
import { type KeptGoods, type Sold, withReturns } from './sold-sale.ts';

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
    return ok(saleElsewhere(sale, row, store));
  }

  async function find(saleId: SaleId): Promise<Result<Sold, Failure>> {
    const row = rowOf(saleId);
    if (!row.ok) return row;
    const record = row.value && readSoldRecord(row.value);
    if (row.value === undefined || record === undefined || record.seq === 0)
      return atHeadquarters(saleId, row.value);
    const sold = await own(row.value, record);
    if (!sold.ok || headquarters.state().state !== 'online') return sold;
    const reply = await sales.find(saleId);
    return reply.ok && reply.value.sale !== null
      ? told(sold.value, reply.value.sale.returns)
      : sold;
  }

  /** A sale of this till, of whom its member is today; one whom this till does not carry any more is asked for. */
  async function own(row: HoldRow, record: SoldRecord): Promise<Result<Sold, Failure>> {
    const sold = ownSale(context, rulesOf, row, record);
    if (!sold.ok || sold.value.memberId === undefined) return sold;
    const { memberId } = sold.value;
    const living = (): MemberId | undefined => {
      const member = store.members.byId(memberId);
      return member && followMerge(member, (id) => store.members.byId(id)).member?.memberId;
    };
    if (living() === undefined && headquarters.state().state === 'online')
      await headquarters.lookup.find({ by: 'member', value: memberId });
    return ok({ ...sold.value, memberId: living() ?? memberId });
  }

  /** What headquarters tells of a sale of this till is kept at once: the next return may find it out of reach. */
  function told(sold: Sold, returns: Parameters<typeof withReturns>[1]): Result<Sold, Failure> {
    const next = withReturns(sold, returns, store);
    const { row } = sold;
    if (next.record === sold.record || row === undefined || sold.origin !== 'this-till')
      return ok(next);
    const kept = { ...row, body: JSON.stringify(next.record) };
    const done = context.work(() => {
      // A return that was booked meanwhile was told the same.
      if (store.holds.get(row.evaluationId)?.body === row.body) store.holds.put(kept);
    });
    return done.ok ? ok({ ...next, row: kept }) : done;
  }

  async function claimed(sold: Sold, returnId: ReturnId): Promise<Result<Sold, Failure>> {
    const reply = await sales.claim({ returnId, saleId: sold.saleId });
    const isOwn = sold.origin === 'this-till';
    if (!reply.ok) {
      if (isOwn) return ok(sold);
      // The answer may have been lost after the claim was made.
      sales.release(returnId);
      return err(failure('sale-not-here', 'saleId', { reason: 'offline' }));
    }
    const { state, returns, tillId } = reply.value;
    switch (state) {
      case 'granted': {
        const known = told(sold, returns);
        if (!known.ok) sales.release(returnId);
        return known;
      }
      case 'unknown':
        return isOwn ? ok(sold) : err(failure('sale-not-here', 'saleId', { reason: 'unknown' }));
      case 'claimed':
        // Under this id this till is at another sale.
        if (tillId === store.tillId) return err(failure('return-differs', 'returnId'));
        return err(failure('return-elsewhere', 'returnId', { tillId: tillId ?? null }));
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
    const found =
      isOwn && returnId !== undefined ? await own(row.value, record) : await find(saleId);
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
