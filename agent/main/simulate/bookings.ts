import { isDeepStrictEqual } from 'node:util';
import { type Committed, entryName, type Violation } from './invariants.ts';
import { ledgerOf } from './ledger-of.ts';
import type { BookedEntry, Movement, TillMachine } from './till-machine.ts';

/** What all tills have committed, by till and incarnation. */
export interface Bookings {
  readonly committed: Committed;
  /** Entries of all ledgers. */
  readonly count: number;
  /** Takes entries that a till has just committed; calls `onNew` for each that is counted. */
  book(
    till: TillMachine,
    entries: readonly BookedEntry[],
    onNew: (entry: BookedEntry) => void,
  ): Violation[];
  /** The till goes on from an older state: it may sell under numbers that it has used. */
  fork(ledger: string): void;
}

export function createBookings(): Bookings {
  const ledgers = new Map<string, BookedEntry[]>();
  /** Incarnations that sold under numbers which they had used before: what they hold is not what counts. */
  const forked = new Set<string>();
  const movements = new Map<string, readonly Movement[]>();
  return {
    committed: { ledgers, forked, movements },
    get count() {
      return movements.size;
    },
    book(till, entries, onNew) {
      const found: Violation[] = [];
      const name = ledgerOf(till);
      const own = ledgers.get(name) ?? [];
      ledgers.set(name, own);
      for (const entry of entries) {
        if (entry.seq <= own.length && own[entry.seq - 1]?.hash === entry.hash) continue;
        const booked = entryName(till.tillId, entry.seq, entry.hash);
        const moved = entry.movements();
        const known = movements.get(booked);
        // It comes again with a fresh incarnation: as it was committed, whatever the database has been through.
        if (known === undefined) movements.set(booked, moved);
        else if (!isDeepStrictEqual(known, moved))
          found.push({ invariant: 'I1', detail: `${name}: entry ${entry.seq} moves other points` });
        // Sold on a disk that was put back, under a number that was used before: either may be what counts.
        if (forked.has(name)) continue;
        if (entry.seq !== own.length + 1)
          found.push({ invariant: 'I1', detail: `${name}: ${entry.seq} follows ${own.length}` });
        own.push(entry);
        onNew(entry);
      }
      return found;
    },
    fork: (name) => void forked.add(name),
  };
}
