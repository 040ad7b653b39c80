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
/** The incarnation in whose place a fresh one was asked for; empty = none. */
const WANTED = 'incarnation.wanted';
/** When fresh ones were asked for, in milliseconds, the latest last. */
const WISHES = 'incarnation.wishes';
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

/** A till asks for a fresh incarnation at most so often within {@link RENEWALS_WITHIN_MS}: it never starts without end. */
export const RENEWALS_MAX = 3;
/** In milliseconds of the till's clock. */
export const RENEWALS_WITHIN_MS = 60 * 60_000;

/**
 * Asks for a fresh incarnation at the next opening: what runs goes by the one it was opened with.
 * @returns whether the till is to be opened anew for it; false where that did not help {@link RENEWALS_MAX} times
 */
export function wantIncarnation(connection: Connection, nowMs: number): boolean {
  const meta = createMeta(connection);
  const refused = meta.get('incarnation');
  if (refused === undefined) return false;
  if (meta.get(WANTED) === refused) return true;
  const wishes = parse(meta.get(WISHES), z.array(z.number())).filter(
    (atMs) => Math.abs(nowMs - atMs) < RENEWALS_WITHIN_MS,
  );
  if (wishes.length >= RENEWALS_MAX) return false;
  connection.together(() => {
    meta.set(WANTED, refused);
    meta.set(WISHES, JSON.stringify([...wishes, nowMs]));
  });
  return true;
}

/** Gives a fresh incarnation in the place of the one that was refused; not where it has been given already. */
export function renewWhereWanted(connection: Connection, incarnation: string): void {
  const meta = createMeta(connection);
  const refused = meta.get(WANTED) ?? '';
  if (refused === '') return;
  connection.transaction(() => {
    if (meta.get('incarnation') === refused) renewIncarnation(connection, incarnation);
    meta.set(WANTED, '');
  });
}

/**
 * Up to which entry a member's account has this till's bookings.
 * @param booked of the account, by `tillId:incarnation`
 */
export type BookedUpTo = (booked: Readonly<Record<string, number>>) => number;

/**
 * Headquarters marks what this database sends, former entries too, under its present incarnation. A former one counts up to
 * what headquarters had confirmed under it: what it has beyond may be of another copy of that database, and what is this
 * one's own goes up again and is marked then.
 * @param confirmed former incarnations with the last confirmed entry of each, see {@link readConfirmed}
 */
export function createBookedUpTo(
  tillId: string,
  incarnation: string,
  confirmed: readonly Pick<FormerIncarnation, 'incarnation' | 'seq'>[],
): BookedUpTo {
  return (booked) =>
    Math.max(
      booked[`${tillId}:${incarnation}`] ?? 0,
      ...confirmed.map((one) => Math.min(booked[`${tillId}:${one.incarnation}`] ?? 0, one.seq)),
    );
}

/** Former incarnations, each with the last entry that headquarters had confirmed when this database went on from it. */
export function readConfirmed(
  connection: Connection,
): Pick<FormerIncarnation, 'incarnation' | 'seq'>[] {
  const last = connection.statement<{ seq: number }>(
    `SELECT seq FROM outbox WHERE no <= ? AND kind = 'entry' ORDER BY no DESC LIMIT 1`,
  );
  // Rows that are pruned were confirmed, with the entries that the base stands for.
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base');
  return readFormer(connection).map(({ incarnation, seq, outboxNo }) => ({
    incarnation,
    seq: Math.min(seq, last.get(outboxNo)?.seq ?? base.get()?.seq ?? 0),
  }));
}

function parse<T>(text: string | undefined, schema: z.ZodType<T[]>): T[] {
  return text === undefined ? [] : schema.parse(JSON.parse(text));
}
