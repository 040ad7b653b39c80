import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import { raiseAlarmOnce } from '../../tills/alarms.ts';
import { moveHead, readHead } from './ledger-heads.ts';
import type { LedgerHead } from './place-items.ts';
import type { ReadEntry, ReadFormer, ReadItem } from './read-items.ts';

/** Characters of a till's own incarnation that tell two lives of one former incarnation apart. */
const BRANCH_CHARACTERS = 12;

/** Items of an upload with its former entries as they are booked. */
export interface ResolvedItems {
  readonly items: readonly ReadItem[];
  /** Former entries that HQ has already: nothing of them is booked, and their till learns that it was. */
  readonly repeated: readonly ReadFormer[];
  /** Under which incarnation an entry is kept. */
  incarnationOf(entry: ReadEntry): string;
}

/**
 * Former entries of a till that HQ does not have yet. One that follows the head of the incarnation that wrote it is kept
 * there and moves that head, so that whoever else goes by that name forks and is renewed. Any other goes to a branch of the
 * incarnation that is the uploader's own, and so does what follows it: nobody else ever writes under its numbers. Where the
 * number is one that HQ knows with another entry it was taken twice, by this till and by an older state of its database
 * that was brought back: both sold, so both are booked, and people are told.
 */
export async function resolveFormer(
  tx: HqSession,
  till: TillCaller,
  fresh: readonly ReadItem[],
  atMs: number,
): Promise<ResolvedItems> {
  const former = fresh.filter((one): one is ReadFormer => one.kind === 'former');
  const under = new Map<ReadItem, string>();
  const incarnationOf = (entry: ReadEntry): string => under.get(entry) ?? till.incarnation;
  if (former.length === 0) return { items: fresh, repeated: [], incarnationOf };
  const known = new Set(await knownIds(tx, former));
  const heads = await lockHeads(tx, till, former);
  const moved = new Set<string>();
  const items: ReadItem[] = [];
  const repeated: ReadFormer[] = [];
  for (const item of fresh) {
    if (item.kind !== 'former') {
      items.push(item);
      continue;
    }
    const { incarnation, ...rest } = item;
    const { read, hash } = rest;
    if (known.has(read.entryId)) {
      repeated.push(item);
      continue;
    }
    known.add(read.entryId);
    const entry: ReadEntry = { ...rest, kind: 'entry' };
    items.push(entry);
    const head = heads.get(incarnation);
    if (head !== undefined && read.seq === head.seq + 1 && read.prevHash === head.hash) {
      under.set(entry, incarnation);
      heads.set(incarnation, { ...head, seq: read.seq, hash });
      moved.add(incarnation);
      continue;
    }
    under.set(entry, branchOf(incarnation, till));
    if (head === undefined || read.seq > head.seq) continue;
    const detail = `${incarnation}, ${till.incarnation}`;
    await raiseAlarmOnce(tx, { atMs, code: 'till-restored', tillId: till.tillId, detail });
  }
  for (const incarnation of moved) {
    const head = heads.get(incarnation);
    if (head !== undefined) await moveHead(tx, { ...till, incarnation }, head);
  }
  return { items, repeated, incarnationOf };
}

function branchOf(incarnation: string, till: TillCaller): string {
  return `${incarnation}~${till.incarnation.slice(-BRANCH_CHARACTERS)}`;
}

async function knownIds(tx: HqSession, former: readonly ReadFormer[]): Promise<string[]> {
  const rows = await tx.query<{ entry_id: string }>(
    'SELECT entry_id FROM ledger WHERE entry_id = ANY($1)',
    [former.map(({ read }) => read.entryId)],
  );
  return rows.map(({ entry_id }) => entry_id);
}

/** Heads of the incarnations that wrote the entries, as far as HQ has them, locked after the till's own. */
async function lockHeads(
  tx: HqSession,
  { tillId }: TillCaller,
  former: readonly ReadFormer[],
): Promise<Map<string, LedgerHead>> {
  const heads = new Map<string, LedgerHead>();
  for (const incarnation of [...new Set(former.map((one) => one.incarnation))].sort()) {
    const head = await readHead(tx, { tillId, incarnation });
    if (head !== undefined) heads.set(incarnation, head);
  }
  return heads;
}
