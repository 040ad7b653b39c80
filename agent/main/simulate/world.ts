import type { Chance } from './chance.ts';
import type { TillMachine } from './till-machine.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a fault may take hold of. */
export interface World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly tills: readonly TillMachine[];
  /** Starts what was killed; nothing where it runs. */
  startTill(till: TillMachine): void;
  /** Ends every process of headquarters, or makes the first end at its nth statement from here on. */
  killHq(atStatement?: number): void;
  startHq(): void;
  /** A second process of headquarters beside the first, with a sequencer of its own. */
  startSecondHq(): void;
  /** Headquarters' database goes back to what was kept earlier; false = nothing was kept. */
  restoreHq(): boolean;
  keepHq(): void;
  /** The till's process ends at its nth statement or file operation from here on. */
  killTillAt(till: TillMachine, nth: number): void;
  /** The till's disk goes back to an image that was taken earlier in the same fault. */
  putBackTill(till: TillMachine): void;
  /** Every nth write of the till's disk fails until it is healed. */
  failDisk(till: TillMachine, every: number): void;
  /** Some commits of the till stand still for seconds until its disk is healed. */
  slowDisk(till: TillMachine, chance: Chance): void;
  /** Its process ends, and its files are damaged before it starts again. */
  damageFiles(till: TillMachine, chance: Chance): void;
  /** Its process ends, and the end of its log is gone though it was flushed. */
  cutLog(till: TillMachine, chance: Chance): void;
  /** Its process ends, and its ledger's journal is damaged. */
  damageJournal(till: TillMachine, chance: Chance): void;
  /** A row of the feed is lost or changed at headquarters behind its back. */
  damageHq(chance: Chance): void;
  /** A row that headquarters feeds is changed behind the program's back. */
  damageRows(till: TillMachine, chance: Chance): void;
  /** A second machine runs with a copy of its folder, until it is refused or switched off. */
  clone(till: TillMachine): void;
  endClone(till: TillMachine): void;
}
