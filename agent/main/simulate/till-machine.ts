import type { RegistrationTicket } from '../../../sync/protocol/registration.ts';
import type { Caller, Till } from '../../app/till.ts';
import { assert } from '../../contract/index.ts';
import { openDatabase } from '../../store/sqlite/open-database.ts';
import type { Store } from '../../store/store.ts';
import { type ComposedTill, compose } from '../compose.ts';
import { tillConfigSchema } from '../config.ts';
import { connectHeadquarters, type HeadquartersLink } from '../connect-headquarters.ts';
import { looking } from './disk.ts';
import type { HqMachine } from './hq-machine.ts';
import { ledgerOf } from './ledger-of.ts';
import { createLine, type Line } from './line.ts';
import { NO_DRIVERS } from './no-drivers.ts';
import { NotStarted } from './not-started.ts';
import { createTillDisk, type TillDiskOptions } from './till-disk.ts';
import { createTillOpening, SIM_VERSION } from './till-opening.ts';
import { SIM_KEY } from './till-template.ts';
import type { Trace } from './trace.ts';
import type { MachineTime, VirtualTime } from './virtual-time.ts';

/** The POS program of every simulated till. */
export const SIM_POS: Caller = {
  kind: 'client',
  clientId: 'pos-1',
  scopes: ['identify', 'basket', 'ledger:read', 'scanner'],
};
/** Entries of a ledger that are read at a time: more than a till books in any simulation. */
const ENTRIES_MAX = 100_000;

/** One entry of a till's ledger, as it was committed. */
export interface BookedEntry {
  readonly seq: number;
  readonly hash: string;
  /** What it moved; only while the till that told of it has it open. */
  movements(): readonly Movement[];
}

/** Points of a member that an entry moved. */
export interface Movement {
  readonly memberId: string;
  readonly delta: number;
}

export interface TillMachineOptions extends TillDiskOptions {
  /** What the trace calls it. */
  readonly name: string;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly hq: () => HqMachine | undefined;
  readonly ticket: () => Promise<RegistrationTicket>;
  /** It begins to put the first copy in the place of its database. */
  readonly onAdopting: (till: TillMachine) => void;
  /** Headquarters holds entries under this till's name that it never wrote. */
  readonly onOutdated: (till: TillMachine) => void;
  /** It was given something to do. */
  readonly onTouched: (till: TillMachine) => void;
  /** Entries that were just committed: they are on the disk, and nobody may lose them. */
  readonly onBooked: (till: TillMachine, entries: readonly BookedEntry[]) => void;
}

/** What is known of an image of a till's disk. */
export interface Image {
  readonly proofs: readonly string[];
  /** See `ledgerOf`: the till may go by a fresh incarnation when the image is put back. */
  readonly ledger: string;
  /** When it was made, in milliseconds of the world. */
  readonly atMs: number;
}

/** One till: product code from the use cases to the encrypted file. */
export interface TillMachine {
  /** What the trace calls it: of a copied machine another than the till's. */
  readonly name: string;
  readonly tillId: string;
  readonly storeId: string;
  readonly line: Line;
  readonly isUp: boolean;
  /** It has begun to start and is not up yet. */
  readonly isStarting: boolean;
  /** How often it was started anew after a kill. */
  life(): number;
  /** Its wall clock is off by so much, in milliseconds. */
  readonly skewMs: number;
  setSkew(ms: number): void;
  /** Its process stands still for so long, in milliseconds, as one whose disk does not answer. */
  stall(ms: number): void;
  /** How long it still does. */
  readonly stalledMs: number;
  dataDir(): string;
  store(): Store;
  till(): Till;
  link(): HeadquartersLink;
  /** Opens the folder as it lies there and begins to sync; registers where it is not. */
  start(): Promise<void>;
  /** The process ends at once; the files stay as they are. */
  kill(): void;
  /** Copies the folder of the running till as an image of its disk. */
  image(): void;
  /** Puts the image back in the place of what is there; undefined = there is none. Only while nothing runs. */
  putBack(): Image | undefined;
  /** A fresh database in the place of what is there, as after a replacement of the machine. Only while nothing runs. */
  replace(): void;
  /** Its next start registers it by a fresh ticket; it keeps all that it has. Only while nothing runs. */
  registerAgain(): void;
  /** A second connection to the live database, which its program knows nothing of. */
  beside<T>(use: (db: ReturnType<typeof openDatabase>) => T): T;
}

export function createTillMachine(options: TillMachineOptions): TillMachine {
  const { name, tillId, storeId, time, chance, trace } = options;
  const disk = createTillDisk(options);
  const line = createLine({
    name,
    time,
    chance: chance.split('line'),
    trace,
    hq: options.hq,
    onBytes: () => options.onTouched(made),
    stalledMs: () => made.stalledMs,
  });
  const opening = createTillOpening({
    name,
    tillId,
    storeId,
    disk,
    line,
    chance,
    trace,
    ticket: options.ticket,
    onAdopting: () => options.onAdopting(made),
  });
  let skewMs = 0;
  let machine: MachineTime | undefined;
  let imaged: Image | undefined;
  /** The store of a till that is on its way up. */
  let starting: Store | undefined;
  let open: { store: Store; composed: ComposedTill; link: HeadquartersLink } | undefined;

  function current() {
    assert(open !== undefined, `till ${name} runs`);
    return open;
  }

  /** Tells of the entries after `seq`. @returns how many there are */
  function bookedAfter(store: Store, seq: number): number {
    const entries = looking(() => store.ledger.after(seq, ENTRIES_MAX));
    if (entries.length > 0)
      options.onBooked(
        made,
        entries.map(({ header, hash }) => ({
          seq: header.seq,
          hash,
          movements: () => looking(() => store.points.movementsOf(header.seq)),
        })),
      );
    return entries.length;
  }

  const made: TillMachine = {
    name,
    tillId,
    storeId,
    line,
    get skewMs() {
      return skewMs;
    },
    setSkew(ms) {
      skewMs = ms;
      if (machine !== undefined) machine.skewMs = ms;
    },
    stall: (ms) => machine?.stall(ms),
    get stalledMs() {
      return machine?.stalledMs ?? 0;
    },
    get isUp() {
      return open !== undefined;
    },
    life: () => disk.life,
    get isStarting() {
      return starting !== undefined;
    },
    dataDir: () => disk.dataDir,
    store: () => current().store,
    till: () => current().composed.till,
    link: () => current().link,
    async start() {
      assert(open === undefined && starting === undefined, `till ${name} starts once`);
      const own = time.machine(skewMs);
      machine = own;
      const { clock, timers } = own;
      const random = chance.bytes;
      let store = opening.openFolder(own);
      starting = store;
      let isRegistered = false;
      try {
        isRegistered = await opening.register(store, own);
        const lacksCopy = own.isAlive && isRegistered && store.sync.cursor() === undefined;
        if (lacksCopy && chance.happens(0.5)) store = await opening.takeFirstCopy(store, own);
        if (own.isAlive) starting = store;
      } catch (error) {
        // What a process that has ended still holds in its hands fails on its closed files.
        if (own.isAlive) throw error;
      }
      if (!own.isAlive) return;
      if (!isRegistered) {
        own.kill();
        store.close();
        starting = undefined;
        throw new NotStarted('headquarters did not register it');
      }
      starting = undefined;
      const snapshot = opening.snapshotOf(store, own);
      let link: HeadquartersLink | undefined;
      const composed = compose({
        host: NO_DRIVERS,
        store,
        config: tillConfigSchema.parse({}),
        clock,
        timers,
        random,
        version: SIM_VERSION,
        log(level, message, fields) {
          if (own.isAlive && (level === 'error' || level === 'warn'))
            trace.note(name, `${level}: ${message} ${JSON.stringify(fields ?? {})}`);
        },
        snapshot,
        onOutdated: () => options.onOutdated(made),
        headquarters(parts) {
          const real = connectHeadquarters({ ...parts, exchange: line.exchange, timers });
          let seen = looking(() => store.ledger.head().seq);
          link = {
            ...real,
            notify() {
              if (!own.isAlive) return;
              seen += bookedAfter(store, seen);
              real.notify();
            },
          };
          return link;
        },
      });
      assert(link !== undefined, 'a till is put together with its link');
      open = { store, composed, link };
      // Where it ended between a commit and the word of it, the entry counts all the same.
      bookedAfter(store, 0);
      trace.note(name, `is up, pos ${store.sync.cursor()?.pos ?? '-'}`);
    },
    kill() {
      machine?.kill();
      line.reset();
      const former = open?.store ?? starting;
      open = undefined;
      starting = undefined;
      if (former === undefined) return;
      disk.leave(() => former.close());
      trace.note(name, 'killed');
    },
    image() {
      imaged = {
        proofs: looking(() => current().store.sync.proofs()),
        ledger: ledgerOf(made),
        atMs: time.nowMs(),
      };
      disk.image();
    },
    putBack() {
      const back = imaged;
      imaged = undefined;
      assert(open === undefined && starting === undefined, 'nothing runs while a disk is put back');
      if (back === undefined) return undefined;
      disk.putBack();
      return back;
    },
    replace() {
      assert(open === undefined && starting === undefined, 'nothing runs while a disk is replaced');
      disk.replace();
      opening.mustRegister = false;
    },
    registerAgain() {
      assert(open === undefined && starting === undefined, 'nothing runs while it is registered');
      opening.mustRegister = true;
    },
    beside(use) {
      return looking(() => {
        const db = openDatabase(current().store.file, SIM_KEY, false);
        try {
          return use(db);
        } finally {
          db.close();
        }
      });
    },
  };
  return made;
}
