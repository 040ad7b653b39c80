import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import { raiseAlarmOnce } from '../../tills/alarms.ts';
import type { ReadEntry, ReadFormer, ReadItem } from './read-items.ts';

/** Characters of a till's own incarnation that tell two lives of one former incarnation apart. */
const BRANCH_CHARACTERS = 12;

/** Items of an upload with its former entries as they are booked. */
export interface ResolvedItems {
  readonly items: readonly ReadItem[];
  /** Under which incarnation an entry is kept. */
  incarnationOf(entry: ReadEntry): string;
}

/**
 * Former entries of a till that HQ does not have yet, as entries of the incarnation that wrote them. What HQ has falls away.
 * A number that HQ knows with another entry was taken twice: by this till, and by an older state of its database that was
 * brought back. Both sold, so both are booked, the later one under a branch of the incarnation, and people are told.
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
  if (former.length === 0) return { items: fresh, incarnationOf };
  const known = new Set(await knownIds(tx, former));
  const taken = await takenNumbers(tx, till, former);
  const alarm = (code: string, detail: string) =>
    raiseAlarmOnce(tx, { atMs, code, tillId: till.tillId, detail });
  const items: ReadItem[] = [];
  for (const item of fresh) {
    if (item.kind !== 'former') {
      items.push(item);
      continue;
    }
    const { incarnation, ...rest } = item;
    if (known.has(item.read.entryId)) continue;
    known.add(item.read.entryId);
    const isTaken = taken.has(`${incarnation} ${item.read.seq}`);
    if (isTaken) await alarm('till-restored', `${incarnation}, ${till.incarnation}`);
    const entry: ReadEntry = { ...rest, kind: 'entry' };
    under.set(entry, isTaken ? branchOf(incarnation, till) : incarnation);
    items.push(entry);
  }
  return { items, incarnationOf };
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

async function takenNumbers(
  tx: HqSession,
  { tillId }: TillCaller,
  former: readonly ReadFormer[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ incarnation: string; seq: number }>(
    `SELECT l.incarnation, l.seq FROM ledger l
     JOIN unnest($2::text[], $3::bigint[]) AS n (incarnation, seq)
       ON n.incarnation = l.incarnation AND n.seq = l.seq
     WHERE l.till_id = $1`,
    [tillId, former.map((one) => one.incarnation), former.map(({ read }) => read.seq)],
  );
  return new Set(rows.map(({ incarnation, seq }) => `${incarnation} ${seq}`));
}
