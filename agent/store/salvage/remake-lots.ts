import { pointsAccountSchema } from '../../../sync/protocol/feed.ts';
import { BASE_BUCKET, type EntryHeader, toInstant } from '../../contract/index.ts';
import type { StoreIdentity } from '../create-store.ts';
import { createBookedUpTo, readConfirmed } from '../incarnations.ts';
import type { JournalEntry, TableRow } from '../ledger-journal/journal-entry.ts';
import { createRowWriter } from '../ledger-journal/row-writer.ts';
import { createAudit } from '../repositories/audit.ts';
import type { Connection } from '../sqlite/connection.ts';
import { readBody } from '../sync/read-body.ts';

const DAY_MS = 86_400_000;

interface MovementRow {
  readonly member_id: string;
  readonly lot_id: string;
  readonly seq: number;
  readonly delta: number;
  readonly header: string | null;
}

interface Lot {
  readonly points: number;
  readonly earnedAt: string;
  readonly expiresOn?: string | undefined;
  readonly availableOn?: string | undefined;
  readonly channel: string;
  readonly bucket: string;
  readonly source: string;
  /** The entry that made it; 0 where headquarters did. */
  readonly madeSeq: number;
}

/** Lots as the journal has them, by {@link nameOf}: as the last entry that moved them left them. */
export type KeptLots = ReadonlyMap<string, { readonly seq: number; readonly lot: TableRow }>;

/** @param entries in the order of their numbers, all of them in the ledger */
export function createKeptLots(entries: readonly JournalEntry[]): KeptLots {
  return new Map(
    entries.flatMap(({ ledger: { seq }, lots }) =>
      lots.map((lot) => [nameOf(lot.member_id, lot.lot_id), { seq, lot }]),
    ),
  );
}

function nameOf(
  memberId: TableRow[string] | undefined,
  lotId: TableRow[string] | undefined,
): string {
  return JSON.stringify([memberId, lotId]);
}

/**
 * Makes lots that movements name and that were lost with their pages: of the member's account where headquarters sent them,
 * else as the journal has them, else of the entry that made them and the lot's own id, which says its category and how long
 * it waits. When such a lot expires is not known then: it does not, and headquarters hears so in the audit log. A lot of
 * which neither account nor journal says how much was in it shows what was moved here alone, until headquarters is heard.
 * @param receivedSeq own entries up to it are booked where a member has no account here; 0 = that is not known
 * @returns how many were made
 */
export function remakeLots(
  connection: Connection,
  { tillId, incarnation }: StoreIdentity,
  nowMs: number,
  receivedSeq = 0,
  kept: KeptLots = new Map(),
): number {
  const homeless = connection
    .statement<MovementRow>(`
      SELECT m.member_id, m.lot_id, m.seq, m.delta, l.header
      FROM points_movements m LEFT JOIN ledger l ON l.seq = m.seq
      WHERE NOT EXISTS (SELECT 1 FROM points_lots p WHERE p.member_id = m.member_id AND p.lot_id = m.lot_id)
      ORDER BY m.seq, m.n`)
    .all();
  if (homeless.length === 0) return 0;
  const account = connection.statement<{ body: string }>(
    'SELECT body FROM points_accounts WHERE member_id = ?',
  );
  const insert = connection.statement(`
    INSERT INTO points_lots
      (member_id, lot_id, points, earned_at, expires_on, available_on, channel, bucket, source, made_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const write = createRowWriter(connection);
  const bookedUpTo = createBookedUpTo(tillId, incarnation, readConfirmed(connection));
  const byLot = Map.groupBy(homeless, (row) => nameOf(row.member_id, row.lot_id));
  for (const [name, moved] of byLot) {
    const [first] = moved;
    if (first === undefined) continue;
    const { member_id: memberId, lot_id: lotId } = first;
    const read = readBody(account.get(memberId)?.body ?? '', pointsAccountSchema);
    const theirs = read.ok ? read.value.lots.find((lot) => lot.lotId === lotId) : undefined;
    const bookedSeq = read.ok ? bookedUpTo(read.value.booked) : receivedSeq;
    const pending = moved
      .filter(({ seq }) => seq > bookedSeq)
      .reduce((sum, { delta }) => sum + delta, 0);
    const own = kept.get(name);
    if (theirs === undefined && own !== undefined) {
      const since = moved.filter(({ seq }) => seq > own.seq);
      const points = Number(own.lot.points) + since.reduce((sum, { delta }) => sum + delta, 0);
      write('points_lots', { ...own.lot, points: read.ok ? pending : points }, 'ABORT');
      continue;
    }
    const lot: Lot =
      theirs === undefined
        ? lotOfEntry(first, pending, nowMs)
        : { ...theirs, points: theirs.points + pending, madeSeq: 0 };
    const days = [lot.expiresOn ?? null, lot.availableOn ?? null] as const;
    const known = [memberId, lotId, lot.points, lot.earnedAt, ...days] as const;
    insert.run(...known, lot.channel, lot.bucket, lot.source, lot.madeSeq);
  }
  createAudit(connection).append({
    atMs: nowMs,
    staffId: null,
    action: 'salvage-lots-remade',
    detail: {
      lots: byLot.size,
      seqs: [...new Set(homeless.map(({ seq }) => seq))].slice(0, SEQS_MAX),
    },
  });
  return byLot.size;
}

/** Entries that the audit row names, at most. */
const SEQS_MAX = 100;
/** What follows the sale's id in a lot's: `b` earned, `w` and days earned to wait so long, `o` owed, then the category. */
const LOT_KIND = /^(?:b|o|w(\d+))\.(.+)$/;

function lotOfEntry(
  { lot_id: lotId, seq, delta, header: text }: MovementRow,
  points: number,
  nowMs: number,
): Lot {
  const header = text === null ? undefined : (JSON.parse(text) as EntryHeader);
  const madeSeq = delta > 0 ? seq : 0;
  const plain = { points, channel: 'store', bucket: BASE_BUCKET, source: 'salvage', madeSeq };
  if (header === undefined) return { ...plain, earnedAt: toInstant(nowMs) };
  const { at, saleId, businessDay } = header;
  if (!lotId.startsWith(`${saleId}.`)) return { ...plain, earnedAt: at };
  const [, days, bucket = BASE_BUCKET] = LOT_KIND.exec(lotId.slice(saleId.length + 1)) ?? [];
  return {
    ...plain,
    earnedAt: at,
    bucket,
    source: `sale:${saleId}`,
    madeSeq: seq,
    ...(days === undefined ? {} : { availableOn: dayAfter(businessDay, Number(days)) }),
  };
}

/** The day `days` after a business day (`YYYY-MM-DD`), by the calendar and without a time zone. */
function dayAfter(day: string, days: number): string {
  return toInstant(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).slice(0, 10);
}
