import type { MemberId } from '../../../../agent/contract/ids.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import type { HqReply } from '../../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { PublishedRules } from '../../accuracy/published-rules.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps, HqHandler, TillCaller } from '../../deps.ts';
import { bookFaces, faceMembers } from '../../faces/book-faces.ts';
import { bookPassUses } from '../../pass/book-pass-uses.ts';
import { readTimeline } from '../../tills/timeline.ts';
import { tillOf } from '../callers.ts';
import { carryMembers } from '../carry-members.ts';
import { chainDay } from '../chain-day.ts';
import { type BookedException, writeExceptions } from '../exceptions.ts';
import { holdMembers } from '../held-members.ts';
import { bookReturns } from '../returns/book-returns.ts';
import { readSettings } from '../settings.ts';
import { transact } from '../transact.ts';
import { type Books, bookEntry, markRepeated } from './book-entry.ts';
import { readJoins } from './book-join.ts';
import { resolveFormer } from './former-entries.ts';
import { holdAllowances } from './held-allowances.ts';
import { knownHashes, lockHead, moveHead } from './ledger-heads.ts';
import { noteFork, noteGap } from './note-fork.ts';
import { forked, type LedgerHead, placeItems } from './place-items.ts';
import { type ReadEntry, type ReadItem, readItems } from './read-items.ts';
import { signReceipt } from './receipt.ts';
import { addRuleUses } from './rule-uses.ts';
import { saleStores } from './sale-stores.ts';
import { undoneSales } from './undone-sales.ts';
import { writeAudit, writeEntries } from './write-entries.ts';

/** Places of ill-formed text that a case names, at most. */
export const PLACES_NAMED_MAX = 10;

type Reply = HqReply<'upload'>;
type Joins = Awaited<ReturnType<typeof readJoins>>;

/**
 * Takes a part of a till's outbox, whole or not at all. What HQ has received before changes nothing and is receipted
 * again, so that a lost answer costs a repeat; a gap or another entry under a known number is refused. Locks are taken
 * in one order everywhere: the till's head, members and accounts by id, reservations by id, sales that came back, counters by key.
 */
export function createUpload(deps: HqDeps, rules: PublishedRules): HqHandler<'upload'> {
  return async (caller, { incarnation, items }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    if (incarnation !== till.value.incarnation)
      return err(hqFailure('incarnation-unknown', 'incarnation'));
    const read = readItems(items, till.value);
    if (!read.ok) return read;
    const done = await transact(deps, (tx) => take({ ...deps, rules }, tx, till.value, read.value));
    if (!done.ok && done.error.code === 'ledger-forked')
      await noteFork(deps, till.value, done.error);
    if (!done.ok && (done.error.code === 'ledger-gap' || done.error.code === 'outbox-gap'))
      await noteGap(deps, till.value, done.error);
    return done;
  };
}

interface UploadDeps extends HqDeps {
  readonly rules: PublishedRules;
}

async function take(
  deps: UploadDeps,
  tx: HqSession,
  till: TillCaller,
  items: readonly ReadItem[],
): Promise<Result<Reply, HqFailure>> {
  const before = await lockHead(tx, till);
  const placed = placeItems(before, items, await knownHashes(tx, till, before, items));
  if (!placed.ok) return placed;
  const { fresh, head } = placed.value;
  const joins = await readJoins(
    tx,
    items.flatMap((one) => (one.kind === 'join' ? [one.join] : [])),
  );
  if (fresh.length > 0) {
    const taken = await takenEntry(tx, fresh);
    if (taken !== undefined) return err(forked(taken));
    await book(deps, tx, till, fresh, joins);
  }
  if (head.outboxNo !== before.outboxNo) await moveHead(tx, till, head);
  return ok(await replyOf(deps, tx, till, head, joins, items));
}

async function book(
  deps: UploadDeps,
  tx: HqSession,
  till: TillCaller,
  items: readonly ReadItem[],
  joins: Joins,
): Promise<void> {
  const atMs = deps.nowMs();
  const { items: fresh, repeated, incarnationOf } = await resolveFormer(tx, till, items, atMs);
  const entries = fresh.filter((one): one is ReadEntry => one.kind === 'entry');
  const touched = [...entries, ...repeated].flatMap(({ facts }) => facts.memberId ?? []);
  const members = await holdMembers(tx, [...touched, ...joins.memberIds, ...faceMembers(fresh)]);
  const books: Books = {
    till,
    origin: `${till.tillId}:${till.incarnation}`,
    members,
    allowances: await holdAllowances(tx, till, fresh),
    settings: await readSettings(tx, deps.log),
    today: chainDay(atMs, deps.timeZone),
    at: toInstant(atMs),
    currency: deps.currency,
    undone: await undoneSales(tx, entries),
    saleStores: await saleStores(tx, entries),
    visits: new Set(),
    homes: new Set(),
    ruleUses: [],
    exceptions: [],
  };
  for (const item of repeated) markRepeated(books, item);
  for (const item of fresh) {
    if (item.kind === 'entry')
      bookEntry({ ...books, till: { ...till, incarnation: incarnationOf(item) } }, item);
    if (item.kind === 'join') joins.book(books, item.join);
    if (item.kind === 'release') books.allowances.release(item.allowanceId);
  }
  books.exceptions.push(...fresh.flatMap((item) => illFormedCase(till, item)));
  books.exceptions.push(
    ...(await bookPassUses(tx, entries, (entry) => ({
      tillId: till.tillId,
      incarnation: incarnationOf(entry),
    }))),
  );
  await bookReturns(tx, deps.rules, books, entries);
  await members.write(atMs);
  await books.allowances.write(atMs);
  await joins.write(tx, till);
  await addRuleUses(tx, books.ruleUses);
  await carryMembers(tx, { storeId: till.storeId, reason: 'home', atMs }, books.homes);
  await carryMembers(tx, { storeId: till.storeId, reason: 'visit', atMs }, books.visits);
  // Who joined in this upload is a member by here.
  await bookFaces(tx, { till, atMs, log: deps.log }, fresh);
  await writeExceptions(tx, atMs, books.exceptions);
  await writeAudit(
    tx,
    till.tillId,
    fresh.filter((one) => one.kind === 'audit'),
  );
  for (const [incarnation, own] of Map.groupBy(entries, incarnationOf))
    await writeEntries(tx, { ...till, incarnation }, atMs, own);
}

async function replyOf(
  deps: HqDeps,
  tx: HqSession,
  till: TillCaller,
  head: LedgerHead,
  joins: Joins,
  items: readonly ReadItem[],
): Promise<Reply> {
  const joined = items.flatMap((item) => {
    const memberId = item.kind === 'join' ? joins.booked(item.join.provisionalId) : undefined;
    if (item.kind !== 'join' || memberId === undefined) return [];
    return [{ provisionalId: item.join.provisionalId, memberId: memberId as MemberId }];
  });
  return { receipt: signReceipt(deps, till, await readTimeline(tx), head), joined };
}

/** What to tell a person of an item whose text was not kept as it was sent. */
function illFormedCase({ tillId, incarnation }: TillCaller, item: ReadItem): BookedException[] {
  if (item.illFormed.length === 0) return [];
  const isEntry = item.kind === 'entry';
  return [
    {
      code: 'ill-formed-text',
      tillId,
      incarnation,
      seq: isEntry ? item.read.seq : null,
      memberId: isEntry ? item.facts.memberId : null,
      detail: {
        kind: item.kind,
        outboxNo: item.no,
        places: item.illFormed.slice(0, PLACES_NAMED_MAX),
      },
    },
  ];
}

/** The seq of an uploaded entry whose id stands in the ledger under another number, or twice in the upload. */
export async function takenEntry(
  tx: HqSession,
  fresh: readonly ReadItem[],
): Promise<number | undefined> {
  const seqs = new Map<string, number>();
  for (const item of fresh) {
    if (item.kind !== 'entry') continue;
    if (seqs.has(item.read.entryId)) return item.read.seq;
    seqs.set(item.read.entryId, item.read.seq);
  }
  if (seqs.size === 0) return undefined;
  const [row] = await tx.query<{ entry_id: string }>(
    'SELECT entry_id FROM ledger WHERE entry_id = ANY($1) LIMIT 1',
    [[...seqs.keys()]],
  );
  return row === undefined ? undefined : seqs.get(row.entry_id);
}
