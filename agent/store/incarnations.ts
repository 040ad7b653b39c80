import { z } from 'zod';
import {
  FORMER_MAX,
  type FormerIncarnation,
  formerIncarnationSchema,
} from '../../sync/protocol/session.ts';
import { GENESIS_HASH } from '../contract/index.ts';
import { createMeta } from './repositories/meta.ts';
import type { Connection } from './sqlite/connection.ts';
import { createSyncState } from './sync/sync-state.ts';

const gapSchema = z.object({ fromSeq: z.int().min(1), toSeq: z.int().min(1), report: z.string() });
/** Entries that were lost with damaged pages; the report says when and what. */
export type LedgerGap = z.infer<typeof gapSchema>;

const FORMER = 'incarnation.former';
const WANTED = 'incarnation.wanted';
const GAPS = 'ledger.gaps';

/** Former incarnations, oldest first. */
export function readFormer(connection: Connection): FormerIncarnation[] {
  return parse(createMeta(connection).get(FORMER), z.array(formerIncarnationSchema));
}

/** Entries that are known to be lost, in order. */
export function readGaps(connection: Connection): LedgerGap[] {
  return parse(createMeta(connection).get(GAPS), z.array(gapSchema));
}

/** Notes entries as lost, so that the rest of the chain verifies around them. */
export function noteGaps(connection: Connection, gaps: readonly LedgerGap[]): void {
  const known = readGaps(connection);
  const fresh = gaps.filter(
    (gap) => !known.some(({ fromSeq, toSeq }) => fromSeq === gap.fromSeq && toSeq === gap.toSeq),
  );
  const all = [...known, ...fresh].sort((a, b) => a.fromSeq - b.fromSeq);
  createMeta(connection).set(GAPS, JSON.stringify(all));
}

/**
 * Gives the database a new incarnation from its last entry on: the chain and its numbers go on, and what was written before
 * goes up as entries of the incarnation that wrote it. So a number is never taken twice under one name, whatever a former
 * life of this till has written under it. Counts from the next opening on.
 * @param incarnation a fresh id
 */
export function renewIncarnation(connection: Connection, incarnation: string): void {
  connection.together(() => {
    const meta = createMeta(connection);
    const before = meta.get('incarnation');
    if (before !== undefined) {
      const head = connection
        .statement<{ seq: number; hash: string }>(
          `SELECT seq, hash FROM ledger UNION ALL SELECT seq, hash FROM ledger_base ORDER BY seq DESC LIMIT 1`,
        )
        .get() ?? { seq: 0, hash: GENESIS_HASH };
      const { outboxNo } = createSyncState(connection).received();
      const former = [...readFormer(connection), { incarnation: before, ...head, outboxNo }];
      meta.set(FORMER, JSON.stringify(former.slice(-FORMER_MAX)));
    }
    meta.set('incarnation', incarnation);
  });
}

/** Asks for a fresh incarnation at the next opening: what runs goes by the one it was opened with. */
export function wantIncarnation(connection: Connection): void {
  createMeta(connection).set(WANTED, '1');
}

/** Gives the fresh incarnation that was asked for, once; not again where nothing was written since the last one. */
export function renewWhereWanted(connection: Connection, incarnation: string): void {
  const meta = createMeta(connection);
  if (meta.get(WANTED) !== '1') return;
  connection.transaction(() => {
    const last = readFormer(connection).at(-1);
    const head = connection
      .statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM ledger')
      .get();
    if (last === undefined || last.seq !== (head?.seq ?? 0))
      renewIncarnation(connection, incarnation);
    meta.set(WANTED, '');
  });
}

/**
 * Up to which entry a member's account has this till's bookings.
 * @param booked of the account, by `tillId:incarnation`
 */
export type BookedUpTo = (booked: Readonly<Record<string, number>>) => number;

/** A former incarnation counts up to where this database left it: what a copy of it wrote beyond is not of this till. */
export function createBookedUpTo(
  tillId: string,
  incarnation: string,
  former: readonly FormerIncarnation[],
): BookedUpTo {
  return (booked) =>
    Math.max(
      booked[`${tillId}:${incarnation}`] ?? 0,
      ...former.map((one) => Math.min(booked[`${tillId}:${one.incarnation}`] ?? 0, one.seq)),
    );
}

function parse<T>(text: string | undefined, schema: z.ZodType<T[]>): T[] {
  return text === undefined ? [] : schema.parse(JSON.parse(text));
}
