import { firstSnapshot } from '../../../sync/client/first-snapshot.ts';
import { registerTill } from '../../../sync/client/register-till.ts';
import type { RegistrationTicket } from '../../../sync/protocol/registration.ts';
import { adoptSnapshot } from '../../store/snapshot/adopt-snapshot.ts';
import { createBuildAnswers } from '../../store/snapshot/build-answers.ts';
import { createSnapshotPort } from '../../store/snapshot/create-snapshot-port.ts';
import type { Store } from '../../store/store.ts';
import { FIRST_COPY_AGAIN_MAX_MS } from '../open-till.ts';
import type { Chance } from './chance.ts';
import type { Line } from './line.ts';
import { openOrSalvage } from './open-or-salvage.ts';
import type { TillDisk } from './till-disk.ts';
import { SIM_KEY } from './till-template.ts';
import type { Trace } from './trace.ts';
import type { MachineTime } from './virtual-time.ts';

export const SIM_VERSION = '0.0.0-simulated';

export interface TillOpeningOptions {
  readonly name: string;
  readonly tillId: string;
  readonly storeId: string;
  readonly disk: TillDisk;
  readonly line: Line;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly ticket: () => Promise<RegistrationTicket>;
  /** It begins to put the first copy in the place of its database. */
  readonly onAdopting: () => void;
}

/** What a till does before it is up. */
export interface TillOpening {
  openFolder(own: MachineTime): Store;
  snapshotOf(store: Store, own: MachineTime): ReturnType<typeof createSnapshotPort>;
  /** @returns whether it is registered */
  register(store: Store, own: MachineTime): Promise<boolean>;
  /** Takes the first copy into a second file before the till opens, as `openTill` does. @returns the open store */
  takeFirstCopy(store: Store, own: MachineTime): Promise<Store>;
  /** Whether the next start registers it by a fresh ticket, though it is registered. */
  mustRegister: boolean;
}

export function createTillOpening(options: TillOpeningOptions): TillOpening {
  const { name, tillId, storeId, disk, line, chance, trace } = options;

  async function register(store: Store, own: MachineTime): Promise<boolean> {
    if (store.sync.registration() !== undefined && !made.mustRegister) return true;
    const { clock, timers } = own;
    const registered = await registerTill({
      ticket: await options.ticket(),
      incarnation: store.incarnation,
      former: store.sync.former(),
      version: SIM_VERSION,
      random: chance.bytes,
      clock,
      timers,
      exchange: line.exchange,
    });
    if (!registered.ok) {
      trace.note(name, `not registered: ${registered.error.code}`);
      return false;
    }
    store.sync.register(registered.value);
    made.mustRegister = false;
    return true;
  }

  const openFolder = ({ clock }: MachineTime): Store =>
    openOrSalvage({
      dataDir: disk.dataDir,
      tillId,
      storeId,
      clock,
      random: chance.bytes,
      note: (what) => trace.note(name, what),
    });

  const snapshotOf = (store: Store, { clock }: MachineTime) =>
    createSnapshotPort({
      dataDir: disk.dataDir,
      key: SIM_KEY,
      storeId,
      store,
      clock,
      random: chance.bytes,
      build: createBuildAnswers,
    });

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
    options.onAdopting();
    const adopted = adoptSnapshot({ dataDir: disk.dataDir, key: SIM_KEY, nowMs: clock.now() });
    if (!own.isAlive) return store;
    trace.note(name, `first copy ${adopted.ok ? 'adopted' : adopted.error.code}`);
    return openFolder(own);
  }

  const made: TillOpening = {
    openFolder,
    snapshotOf,
    register,
    takeFirstCopy,
    mustRegister: false,
  };
  return made;
}
