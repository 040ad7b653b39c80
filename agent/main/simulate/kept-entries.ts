import { looking } from './disk.ts';
import type { Violation } from './invariants.ts';
import type { TillMachine } from './till-machine.ts';

/** Entries of a ledger that are read at a time: more than a till books in any simulation. */
const ENTRIES_MAX = 100_000;

/** What tills whose files were damaged must still have once they are up again. */
export interface KeptEntries {
  /** Whether the journal of a till that is up has all that its ledger has. */
  isWhole(till: TillMachine): boolean;
  /** To be called before files of a till that is up are damaged: what it has committed must still be there. */
  expect(till: TillMachine): void;
  /** The till is up again. */
  check(till: TillMachine): Violation[];
}

export function createKeptEntries(): KeptEntries {
  const expected = new Map<TillMachine, ReadonlyMap<number, string>>();

  const hashesOf = (till: TillMachine): ReadonlyMap<number, string> =>
    new Map(
      till
        .store()
        .ledger.after(0, ENTRIES_MAX)
        .map(({ header, hash }) => [header.seq, hash]),
    );

  return {
    isWhole: (till) =>
      looking(() => {
        const { journal, ledger } = till.store();
        const { state, toSeq } = journal.facts();
        return state === 'whole' && toSeq === ledger.head().seq;
      }),
    expect: (till) =>
      void expected.set(
        till,
        looking(() => hashesOf(till)),
      ),
    check(till) {
      const before = expected.get(till);
      expected.delete(till);
      if (before === undefined) return [];
      const held = looking(() => hashesOf(till));
      const lost = [...before].filter(([seq, hash]) => held.get(seq) !== hash);
      return lost.length === 0
        ? []
        : [
            {
              invariant: 'I1',
              detail: `${till.name} lost entries ${lost.map(([seq]) => seq).join(', ')} of ${before.size} with its files`,
            },
          ];
    },
  };
}
