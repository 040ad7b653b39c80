import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { BASE_BUCKET, balances } from '../../../../agent/domain/points/lots.ts';
import type { TillCaller } from '../../deps.ts';
import { applyMovements, lotIdOf, lotsOf, markBooked, settleAccount } from '../account.ts';
import { countEntry, isAhead } from '../count-entry.ts';
import type { BookException, BookedException } from '../exceptions.ts';
import type { HeldMembers } from '../held-members.ts';
import type { BookSettings } from '../settings.ts';
import type { HeldAllowances } from './held-allowances.ts';
import type { ReadEntry } from './read-items.ts';
import type { RuleUse } from './rule-uses.ts';
import { isBase64, isSubjectKey } from './write-entries.ts';

/** What an upload is booked into, in memory, under locks. */
export interface Books {
  /** Who wrote the entry that is booked. */
  readonly till: TillCaller;
  /**
   * Who sent it, `tillId:incarnation`: what accounts are marked with. The numbers of a database go on from one incarnation
   * to the next, so one mark says it of both; the mark of the writer would also be that of an older state of it.
   */
  readonly origin: string;
  readonly members: HeldMembers;
  readonly allowances: HeldAllowances;
  readonly settings: BookSettings;
  /** The chain's day `YYYY-MM-DD`. */
  readonly today: string;
  /** HQ's time, as an instant. */
  readonly at: string;
  readonly currency: string;
  /** Sales of this upload that were taken back whole before they came. */
  readonly undone: ReadonlySet<string>;
  /** Stores of the sales that came back, as far as they are in the ledger. */
  readonly saleStores: ReadonlyMap<string, string>;
  /** Members whom the till's store carries from here on: as a visitor's, or as their home. */
  readonly visits: Set<string>;
  readonly homes: Set<string>;
  readonly ruleUses: RuleUse[];
  readonly exceptions: BookedException[];
}

type Note = (code: BookException, detail: Readonly<Record<string, unknown>>) => void;

/**
 * Books one entry of a till: points, counters, reservations, coupons, uses of rules. Whatever is wrong with its facts
 * becomes a case for a person; the entry is booked all the same, because the goods are out of the shop.
 */
export function bookEntry(books: Books, { read, facts, sealed, key }: ReadEntry): void {
  const { till, members, allowances } = books;
  const note: Note = (code, detail) =>
    books.exceptions.push({
      code,
      tillId: till.tillId,
      incarnation: till.incarnation,
      seq: read.seq,
      memberId: facts.memberId,
      detail,
    });

  if (read.exception !== null) note(read.exception, { entryId: read.entryId });
  if (read.storeId !== till.storeId) note('other-store', { storeId: read.storeId });
  if (read.currency !== books.currency) note('currency-differs', { currency: read.currency });
  if (!isBase64(sealed) || (key !== null && !isSubjectKey(key)))
    note('body-unreadable', { entryId: read.entryId });
  if (isAhead(read.businessDay, books.today))
    note('clock-ahead', { businessDay: read.businessDay, today: books.today });

  const living = facts.memberId === null ? undefined : members.living(facts.memberId);
  for (const fault of allowances.spend({
    ...facts,
    memberId: living?.memberId ?? null,
    entryId: read.entryId,
  }))
    note(fault.code, fault.detail);
  const storeId = books.saleStores.get(read.saleId) ?? read.storeId;
  for (const use of facts.ruleUses)
    books.ruleUses.push({ ...use, storeId, memberId: living?.memberId ?? null });
  checkSum(read, facts.movements, note);
  if (facts.memberId === null || living === undefined) {
    if (facts.movements.length > 0) note('points-without-member', { lots: facts.movements.length });
    return;
  }
  if (living.broken) note('merge-broken', { memberId: facts.memberId });
  bookPoints(books, { read, facts }, living.memberId, note);
  if (living.member === undefined) {
    note('member-unknown', { memberId: facts.memberId });
    return;
  }
  books.visits.add(living.memberId);
  const { settings, today, currency, undone } = books;
  const place = { tiers: settings.tiers, currency, bookedOn: today, today, undone };
  const counted = countEntry(living.member, read, facts, place);
  if (counted !== living.member) members.setMember({ ...counted, updatedAt: books.at });
}

/** Tells the sender that an entry which HQ has is in the accounts. */
export function markRepeated(
  { members, origin }: Pick<Books, 'members' | 'origin'>,
  { read, facts }: Pick<ReadEntry, 'read' | 'facts'>,
): void {
  if (facts.memberId === null) return;
  const named = new Set([facts.memberId, members.living(facts.memberId).memberId]);
  for (const memberId of named)
    members.setAccount(markBooked(members.account(memberId), origin, read.seq));
}

function checkSum(read: EntryHeader, movements: ReadEntry['facts']['movements'], note: Note): void {
  const moved = movements.reduce((sum, { delta }) => sum + delta, 0);
  const stated = read.pointsEarned - read.pointsSpent;
  if (moved !== stated) note('points-differ', { moved, stated });
}

/** Into the account of whom the member is today, and noted in the account that the till named as well. */
function bookPoints(
  { till, origin, members, today }: Books,
  { read, facts }: Pick<ReadEntry, 'read' | 'facts'>,
  memberId: string,
  note: Note,
): void {
  const { account, unknownLots, outOfRange } = applyMovements(
    members.account(memberId),
    facts.movements,
    { earnedAt: read.at, name: `till:${till.tillId}`, today },
  );
  for (const lotId of unknownLots) note('lot-unknown', { lotId });
  for (const { lotId, delta } of outOfRange) note('points-out-of-range', { lotId, delta });
  members.setAccount(markBooked(settleAccount(account, today).account, origin, read.seq));
  if (facts.memberId !== null && facts.memberId !== memberId)
    members.setAccount(markBooked(members.account(facts.memberId), origin, read.seq));
  const taken = new Set(
    facts.movements.flatMap(({ lotId, delta }) => (delta < 0 ? lotIdOf(lotId) : [])),
  );
  const touched = new Set(account.lots.flatMap((lot) => (taken.has(lot.lotId) ? lot.bucket : [])));
  for (const [bucket, balance] of balances(lotsOf(account), today))
    if (balance < 0 && touched.has(bucket))
      note('points-overdrawn', bucket === BASE_BUCKET ? { balance } : { balance, bucket });
}
