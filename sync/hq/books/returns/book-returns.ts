import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import type { Undone } from '../../../../agent/contract/undone.ts';
import { ownValue } from '../../../../agent/domain/benefits/own-value.ts';
import type { PublishedRules } from '../../accuracy/published-rules.ts';
import type { HqSession } from '../../database/database.ts';
import { countEntry } from '../count-entry.ts';
import type { BookException } from '../exceptions.ts';
import type { Books } from '../intake/book-entry.ts';
import type { ReadEntry } from '../intake/read-items.ts';
import { lockSales } from './lock-sales.ts';
import { olderUndone, type ReadSale, readReturns, readSale } from './read-sale.ts';
import { type CountedReturn, isOverlap, settleReturns } from './settle-returns.ts';

/** The returns of one sale as they are known while an upload is booked. */
interface SaleReturns {
  readonly sale: ReadSale | undefined;
  readonly counted: CountedReturn[];
  /** Tills of those of which nothing can be told. */
  readonly unreadable: Set<string>;
}

/**
 * Looks at what uploaded returns took back beside all that came back of their sales, and ends their claims. Tills that are
 * away go by what they know: units beyond those bought, a return id that another till booked too, and returns that did
 * not know of each other become cases for a person. What the chain counts of such a sale, its uses, campaign money and
 * completed order, is put right here; money and points are for the person.
 */
export async function bookReturns(
  tx: HqSession,
  rules: PublishedRules,
  books: Books,
  entries: readonly ReadEntry[],
): Promise<void> {
  const returns = entries.filter(({ read }) => read.returnId !== null);
  if (returns.length === 0) return;
  const { till } = books;
  const ids = returns.map(({ read }) => read.returnId);
  const saleIds = [...new Set(returns.map(({ read }) => read.saleId as string))];
  await lockSales(tx, saleIds);
  const known = await tx.query<{ return_id: string; sale_id: string; till_id: string }>(
    'SELECT return_id, sale_id, till_id FROM ledger WHERE return_id = ANY($1)',
    [ids],
  );
  await tx.query('DELETE FROM return_claims WHERE return_id = ANY($1) AND till_id = $2', [
    ids,
    till.tillId,
  ]);
  const sales = new Map<string, SaleReturns>();
  for (const entry of returns) {
    const { saleId, returnId } = entry.read;
    const note = noter(books, entry);
    const other = known.find((row) => row.return_id === returnId && row.sale_id === saleId);
    if (other !== undefined) note('returned-twice', { bookedByTill: other.till_id });
    const sale = sales.get(saleId) ?? (await returnsOf(tx, saleId));
    sales.set(saleId, sale);
    const undone = entry.facts.undone ?? (await olderOf(tx, entry));
    if (undone === undefined) sale.unreadable.add(till.tillId);
    const tills = new Set([...sale.unreadable, ...sale.counted.map(({ tillId }) => tillId)]);
    if (sale.unreadable.size > 0 && [...tills].some((one) => one !== till.tillId))
      note('returns-overlapped', { unreadable: true });
    if (undone === undefined) continue;
    const more = { tillId: till.tillId as string, undone, facts: entry.facts };
    const isTwice = noteTwice(sale, more, note);
    if (isTwice || isOverlap(sale.sale, sale.counted, more))
      await settle(tx, rules, books, { entry, sale, more, note, isTwice });
    sale.counted.push(more);
  }
}

type Note = (code: BookException, detail: Readonly<Record<string, unknown>>) => void;

function noter({ till, exceptions }: Books, { read, facts }: ReadEntry): Note {
  return (code, detail) =>
    exceptions.push({
      code,
      tillId: till.tillId,
      incarnation: till.incarnation,
      seq: read.seq,
      memberId: facts.memberId,
      detail: { saleId: read.saleId, returnId: read.returnId, ...detail },
    });
}

async function returnsOf(tx: HqSession, saleId: string): Promise<SaleReturns> {
  const { returns, facts, unreadable } = await readReturns(tx, saleId);
  const sale = await readSale(tx, saleId);
  return {
    sale: sale.ok ? sale.value : undefined,
    counted: returns.map(({ tillId, undone }, index) => ({
      tillId,
      undone,
      facts: facts[index] as EntryFacts,
    })),
    unreadable: new Set(unreadable),
  };
}

/** What a return of an older version undid; its key may have come with an earlier entry. */
async function olderOf(
  tx: HqSession,
  { read, sealed, key }: ReadEntry,
): Promise<Undone | undefined> {
  const [row] = await tx.query<{ key: Uint8Array }>(
    'SELECT key FROM subject_keys WHERE key_id = $1',
    [read.keyId],
  );
  return olderUndone(read, {
    sealed: Buffer.from(sealed, 'base64'),
    key: row?.key ?? (key === null ? null : Buffer.from(key, 'base64')),
  });
}

/** Units beyond those that were bought. */
function noteTwice({ sale, counted }: SaleReturns, more: CountedReturn, note: Note): boolean {
  let isTwice = false;
  for (const [lineId, units] of Object.entries(more.undone.units)) {
    const line = sale?.evaluation.lines.find((one) => one.lineId === lineId);
    const bought = ownValue(more.facts.bought ?? {}, lineId) ?? line?.qty;
    const returned = counted.reduce(
      (sum, { undone }) => sum + (ownValue(undone.units, lineId) ?? 0),
      units,
    );
    if (bought === undefined || returned <= bought) continue;
    isTwice = true;
    note('returned-twice', { lineId, returned, bought });
  }
  return isTwice;
}

interface Overlap {
  readonly entry: ReadEntry;
  readonly sale: SaleReturns;
  readonly more: CountedReturn;
  readonly note: Note;
  readonly isTwice: boolean;
}

/** Says what was paid beside what was due, and puts right what the chain counts. */
async function settle(
  tx: HqSession,
  rules: PublishedRules,
  books: Books,
  { entry, sale: { sale, counted }, more, note, isTwice }: Overlap,
): Promise<void> {
  if (sale === undefined) {
    // Without the sale nobody can tell what was due.
    if (!isTwice) note('returns-overlapped', {});
    return;
  }
  const settled = await settleReturns(tx, rules, sale, counted, more);
  if (!isTwice && !settled.isEven) note('returns-overlapped', settled.figures);
  const { memberId } = entry.facts;
  const living = memberId === null ? undefined : books.members.living(memberId);
  const { storeId, businessDay } = sale.header;
  for (const use of settled.uses)
    books.ruleUses.push({ ...use, storeId, memberId: living?.memberId ?? null });
  if (settled.orders === 0 || living?.member === undefined) return;
  const corrected = countEntry(
    living.member,
    entry.read,
    { spendMinor: 0, orders: settled.orders, saleDay: businessDay },
    {
      tiers: books.settings.tiers,
      currency: books.currency,
      bookedOn: books.today,
      today: books.today,
      undone: books.undone,
    },
  );
  books.members.setMember({ ...corrected, updatedAt: books.at });
}
