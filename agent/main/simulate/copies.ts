import { looking } from './disk.ts';
import type { Violation } from './invariants.ts';
import type { TillMachine } from './till-machine.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Whom headquarters must let in, and whom it must not. */
export interface Copies {
  /** A second machine has its folder. */
  cloned(till: TillMachine): void;
  /** The till's disk went back to an image of this time; older = headquarters opened a session for it since. */
  putBack(till: TillMachine, isOlder: boolean, atMs: number): void;
  /** The till's database went back behind what it had flushed, and with it the proof of its last session may have. */
  cutOff(till: TillMachine): void;
  /** Headquarters went back to its backup: it forgot the registrations of these tills, and every proof. */
  restored(forgotten: readonly string[]): void;
  /**
   * A person replaces whoever stands on an older disk and is refused for that, and registers again whom headquarters
   * forgot, and who lost the proof with the end of the log: nobody else may be refused.
   */
  care(
    tills: readonly TillMachine[],
    replace: (till: TillMachine) => void,
    registerAgain: (till: TillMachine) => void,
  ): Violation[];
}

export function createCopies(time: VirtualTime, trace: Trace): Copies {
  const copied = new Map<TillMachine, { readonly isOlder: boolean }>();
  /** Tills of which there was a copy since they were replaced, by whatever incarnation: any of them may be refused. */
  const hadCopies = new Set<string>();
  /** Tills that were registered after the backup to which headquarters went back. */
  const unknown = new Set<string>();
  /** Tills whose log was cut since they were last online. */
  const proofless = new Set<TillMachine>();
  let restoredMs = Number.NEGATIVE_INFINITY;
  return {
    cloned: ({ tillId }) => void hadCopies.add(tillId),
    putBack(till, isOlder, atMs) {
      hadCopies.add(till.tillId);
      copied.set(till, { isOlder: isOlder && atMs > restoredMs });
    },
    cutOff: (till) => void proofless.add(till),
    restored(forgotten) {
      restoredMs = time.nowMs();
      copied.clear();
      for (const tillId of forgotten) unknown.add(tillId);
    },
    care(tills, replace, registerAgain) {
      const found: Violation[] = [];
      for (const till of tills) {
        if (!till.isUp) continue;
        const { state, stopped } = looking(() => till.link().headquarters.facts());
        const copy = copied.get(till);
        if (state === 'online' && copy?.isOlder)
          found.push({ invariant: 'I5', detail: `${till.name}: a disk put back was let in` });
        if (state === 'online') copied.delete(till);
        const isProofless = proofless.has(till);
        if (state === 'online' || stopped !== undefined) proofless.delete(till);
        if (stopped === undefined) continue;
        copied.delete(till);
        const hadCopy = hadCopies.delete(till.tillId);
        // Until then it may still take itself for online: it has not asked since.
        const isUnknown = unknown.delete(till.tillId);
        if (!hadCopy && (isUnknown || isProofless)) {
          trace.note(till.name, `refused: ${stopped}; registered again`);
          registerAgain(till);
          continue;
        }
        trace.note(till.name, `refused: ${stopped}; replaced`);
        if (!hadCopy)
          found.push({ invariant: 'liveness', detail: `${till.name} was refused: ${stopped}` });
        replace(till);
      }
      return found;
    },
  };
}
