import { looking } from './disk.ts';
import { ledgerOf } from './ledger-of.ts';
import type { TillMachine } from './till-machine.ts';
import type { Trace } from './trace.ts';

/** Tills whose rows were damaged behind the program's back, until a full check has put them right. */
export interface Drift {
  damaged(till: TillMachine): void;
  /**
   * Rows were damaged at headquarters, so that any till may hold them: they have to come right without anybody asking.
   * @param hasLooked whether headquarters has looked at all of its rows since
   */
  feedDamaged(hasLooked: () => boolean): void;
  isDamaged(till: TillMachine): boolean;
  /** A person asks each of them for a deep check. */
  ask(tills: readonly TillMachine[]): void;
  /** Whether every one of them has had its check; one that failed is asked for again. */
  isMended(tills: readonly TillMachine[]): boolean;
}

export function createDrift(trace: Trace): Drift {
  /** By the name of the ledger: a till that is replaced has other rows. */
  const states = new Map<string, 'damaged' | 'asked' | 'mended'>();
  let feed: (() => boolean) | undefined;
  const stateOf = (till: TillMachine) => (till.isUp ? states.get(ledgerOf(till)) : undefined);

  const made: Drift = {
    damaged: (till) => void states.set(ledgerOf(till), 'damaged'),
    feedDamaged(hasLooked) {
      feed = hasLooked;
    },
    isDamaged: (till) => feed !== undefined || stateOf(till) !== undefined,
    ask(tills) {
      for (const till of tills) {
        if (stateOf(till) !== 'damaged') continue;
        const name = ledgerOf(till);
        const { checks } = looking(() => till.link().headquarters);
        states.set(name, 'asked');
        const asked = checks?.verify({ deep: true });
        asked?.then(
          (verified) => {
            const what = verified.ok
              ? verified.value.map(({ kind, outcome }) => `${kind} ${outcome}`).join(', ')
              : verified.error.code;
            trace.note(till.name, `deep check: ${what}`);
            states.set(name, verified.ok ? 'mended' : 'damaged');
          },
          () => states.set(name, 'damaged'),
        );
      }
    },
    isMended(tills) {
      if (feed?.() === false) return false;
      made.ask(tills);
      return tills.every((till) => (stateOf(till) ?? 'mended') === 'mended');
    },
  };
  return made;
}
