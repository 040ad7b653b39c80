import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { firstSnapshot } from '../../../sync/client/first-snapshot.ts';
import { registerTill } from '../../../sync/client/register-till.ts';
import type { RegistrationTicket } from '../../../sync/protocol/registration.ts';
import type { Caller, Till } from '../../app/till.ts';
import { assert, ok, tillPlaceSchema, UUID_RANDOM_BYTES, uuidv7 } from '../../contract/index.ts';
import { canonicalJson } from '../../domain/ledger/canonical-json.ts';
import type { KeyStore } from '../../store/key-store.ts';
import { openStore } from '../../store/open-store.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import { adoptSnapshot } from '../../store/snapshot/adopt-snapshot.ts';
import { createBuildAnswers } from '../../store/snapshot/build-answers.ts';
import { createSnapshotPort } from '../../store/snapshot/create-snapshot-port.ts';
import { openDatabase } from '../../store/sqlite/open-database.ts';
import type { Store } from '../../store/store.ts';
import { type ComposedTill, compose } from '../compose.ts';
import { tillConfigSchema } from '../config.ts';
import { connectHeadquarters, type HeadquartersLink } from '../connect-headquarters.ts';
import type { Host } from '../host.ts';
import { FIRST_COPY_AGAIN_MAX_MS } from '../open-till.ts';
import type { Chance } from './chance.ts';
import { looking } from './disk.ts';
import type { HqMachine } from './hq-machine.ts';
import { createLine, type Line } from './line.ts';
import type { Trace } from './trace.ts';
import type { MachineTime, VirtualTime } from './virtual-time.ts';

export const SIM_VERSION = '0.0.0-simulated';
/** The POS program of every simulated till. */
export const SIM_POS: Caller = {
  kind: 'client',
  clientId: 'pos-1',
  scopes: ['identify', 'basket', 'ledger:read', 'scanner'],
};
const KEY = new Uint8Array(32).fill(7);
/** Entries of a ledger that are read at a time: more than a till books in any simulation. */
const ENTRIES_MAX = 100_000;

/** A till could not start for a reason that passes. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

/** One entry of a till's ledger, as it was committed. */
export interface BookedEntry {
  readonly seq: number;
  readonly hash: string;
}

export interface TillMachineOptions {
  readonly name: string;
  readonly storeId: string;
  /** A folder of this till alone, on a fast disk. */
  readonly folder: string;
  /** A data folder with a fresh database that is copied instead of made. */
  readonly template: string;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly hq: () => HqMachine | undefined;
  readonly ticket: () => Promise<RegistrationTicket>;
  /** It begins to put the first copy in the place of its database. */
  readonly onAdopting: (till: TillMachine) => void;
  /** It was given something to do. */
  readonly onTouched: (till: TillMachine) => void;
  /** Entries that were just committed: they are on the disk, and nobody may lose them. */
  readonly onBooked: (till: TillMachine, entries: readonly BookedEntry[]) => void;
}

/** One till: product code from the use cases to the encrypted file. */
export interface TillMachine {
  readonly name: string;
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
  putBack(): { readonly proofs: readonly string[] } | undefined;
  /** A fresh database in the place of what is there, as after a replacement of the machine. Only while nothing runs. */
  replace(): void;
  /** A second connection that reads the live database. */
  read<T>(use: (db: ReturnType<typeof openDatabase>) => T): T;
}

const keyStore: KeyStore = { load: () => ok(KEY), save: () => ok(undefined) };

/** Makes the data folder that {@link TillMachineOptions.template} names: a fresh database of no till in particular. */
export function makeTemplate(folder: string, chance: Chance): void {
  const made = openStore({
    dataDir: folder,
    keyStore,
    clock: { now: () => 0 },
    random: chance.bytes,
    place: placeOf('template', 'none'),
  });
  assert(made.ok, 'a fresh database is made');
  made.value.close();
}

function placeOf(tillId: string, storeId: string) {
  return tillPlaceSchema.parse({
    tillId,
    store: {
      storeId,
      name: { 'zh-CN': storeId, en: storeId },
      storeTier: 'standard',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
    },
  });
}

export function createTillMachine(options: TillMachineOptions): TillMachine {
  const { name, storeId, folder, time, chance, trace } = options;
  const line = createLine({
    name,
    time,
    chance: chance.split('line'),
    trace,
    hq: options.hq,
    onBytes: () => options.onTouched(made),
  });
  let life = 0;
  let skewMs = 0;
  let dataDir = join(folder, 'life-0');
  let machine: MachineTime | undefined;
  let imaged: { readonly proofs: readonly string[] } | undefined;
  /** The store of a till that is on its way up. */
  let starting: Store | undefined;
  let open: { store: Store; composed: ComposedTill; link: HeadquartersLink } | undefined;
  mkdirSync(folder, { recursive: true });
  cpSync(options.template, dataDir, { recursive: true });

  function current() {
    assert(open !== undefined, `till ${name} runs`);
    return open;
  }

  async function register(store: Store, own: MachineTime): Promise<void> {
    if (store.sync.registration() !== undefined) return;
    const { clock, timers } = own;
    const registered = await registerTill({
      ticket: await options.ticket(),
      incarnation: store.incarnation,
      version: SIM_VERSION,
      random: chance.bytes,
      clock,
      timers,
      exchange: line.exchange,
    });
    if (!registered.ok) trace.note(name, `not registered: ${registered.error.code}`);
    else store.sync.register(registered.value);
  }

  function openFolder(own: MachineTime): Store {
    const { clock } = own;
    const random = chance.bytes;
    const opened = openStore({ dataDir, keyStore, clock, random, place: placeOf(name, storeId) });
    if (opened.ok) return opened.value;
    const { code, detail } = opened.error;
    if (code === 'disk-full' || code === 'disk-failing') throw new NotStarted(code);
    throw new Error(`till ${name} does not open: ${code} ${detail}`);
  }

  const snapshotOf = (store: Store, { clock }: MachineTime) =>
    createSnapshotPort({
      dataDir,
      key: KEY,
      storeId,
      store,
      clock,
      random: chance.bytes,
      build: createBuildAnswers,
    });

  /** Takes the first copy into a second file before the till opens, as `openTill` does. @returns the open store */
  async function takeFirstCopy(store: Store, own: MachineTime): Promise<Store> {
    const { clock, timers } = own;
    const ending = new AbortController();
    const timer = timers.set(FIRST_COPY_AGAIN_MAX_MS, () => ending.abort());
    const snapshot = snapshotOf(store, own);
    const taken = await firstSnapshot({
      store: store.sync,
      clock,
      timers,
      random: chance.bytes,
      log: () => undefined,
      version: SIM_VERSION,
      signal: ending.signal,
      exchange: line.exchange,
      snapshot,
    });
    timers.clear(timer);
    if (!own.isAlive) return store;
    await snapshot.close();
    if (!taken.ok) return store;
    store.close();
    options.onAdopting(made);
    const adopted = adoptSnapshot({ dataDir, key: KEY, nowMs: clock.now() });
    if (!own.isAlive) return store;
    trace.note(name, `first copy ${adopted.ok ? 'adopted' : adopted.error.code}`);
    const again = openFolder(own);
    starting = again;
    return again;
  }

  /** Tells of the entries after `seq`. @returns how many there are */
  function bookedAfter(store: Store, seq: number): number {
    const entries = looking(() => store.ledger.after(seq, ENTRIES_MAX));
    if (entries.length > 0)
      options.onBooked(
        made,
        entries.map(({ header, hash }) => ({ seq: header.seq, hash })),
      );
    return entries.length;
  }

  const made: TillMachine = {
    name,
    storeId,
    line,
    get skewMs() {
      return skewMs;
    },
    setSkew(ms) {
      skewMs = ms;
      if (machine !== undefined) machine.skewMs = ms;
    },
    get isUp() {
      return open !== undefined;
    },
    life: () => life,
    get isStarting() {
      return starting !== undefined;
    },
    dataDir: () => dataDir,
    store: () => current().store,
    till: () => current().composed.till,
    link: () => current().link,
    async start() {
      assert(open === undefined && starting === undefined, `till ${name} starts once`);
      const own = time.machine(skewMs);
      machine = own;
      const { clock, timers } = own;
      const random = chance.bytes;
      let store = openFolder(own);
      starting = store;
      await register(store, own);
      if (!own.isAlive) return;
      if (store.sync.registration() === undefined) {
        own.kill();
        store.close();
        starting = undefined;
        throw new NotStarted('headquarters did not register it');
      }
      const lacksCopy =
        store.sync.registration() !== undefined && store.sync.cursor() === undefined;
      if (lacksCopy && chance.happens(0.5)) {
        store = await takeFirstCopy(store, own);
        if (!own.isAlive) return;
      }
      starting = undefined;
      const snapshot = snapshotOf(store, own);
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
      life += 1;
      const next = join(folder, `life-${life}`);
      cpSync(dataDir, next, { recursive: true });
      former.close();
      rmSync(dataDir, { recursive: true, force: true });
      dataDir = next;
      trace.note(name, 'killed');
    },
    image() {
      imaged = { proofs: looking(() => current().store.sync.proofs()) };
      rmSync(join(folder, 'image'), { recursive: true, force: true });
      cpSync(dataDir, join(folder, 'image'), { recursive: true });
    },
    putBack() {
      const back = imaged;
      imaged = undefined;
      assert(open === undefined && starting === undefined, 'nothing runs while a disk is put back');
      if (back === undefined) return undefined;
      rmSync(dataDir, { recursive: true, force: true });
      cpSync(join(folder, 'image'), dataDir, { recursive: true });
      return back;
    },
    replace() {
      assert(open === undefined && starting === undefined, 'nothing runs while a disk is replaced');
      rmSync(dataDir, { recursive: true, force: true });
      cpSync(options.template, dataDir, { recursive: true });
      claimTemplate(dataDir, name, storeId, chance);
    },
    read(use) {
      return looking(() => {
        const db = openDatabase(current().store.file, KEY, false);
        try {
          return use(db);
        } finally {
          db.close();
        }
      });
    },
  };
  claimTemplate(dataDir, name, storeId, chance);
  return made;
}

/** Gives a copied fresh database its till, its incarnation and its place. */
function claimTemplate(dataDir: string, name: string, storeId: string, chance: Chance): void {
  const pointer = JSON.parse(readFileSync(join(dataDir, POINTER_FILE), 'utf8')) as { file: string };
  const db = openDatabase(join(dataDir, pointer.file), KEY, false);
  db.pragma('synchronous=OFF');
  const set = db.prepare('UPDATE meta SET value = ? WHERE name = ?');
  set.run(name, 'tillId');
  set.run(uuidv7(0, chance.bytes(UUID_RANDOM_BYTES)), 'incarnation');
  db.prepare(`UPDATE documents SET body = ? WHERE kind = 'place'`).run(
    canonicalJson(placeOf(name, storeId)),
  );
  db.close();
}

/** A till without devices has a driver process all the same; here it is one that only hears when to end. */
const NO_DRIVERS: Host = {
  spawn() {
    const ended = Promise.withResolvers<number | null>();
    return {
      port: {
        postMessage(message) {
          if (JSON.stringify(message).includes('shutdown')) ended.resolve(0);
        },
        onMessage: () => undefined,
        close: () => undefined,
      },
      exit: ended.promise,
      pid: undefined,
      kill: () => ended.resolve(0),
    };
  },
};
