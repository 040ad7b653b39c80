import { openStore } from '../../store/open-store.ts';
import { salvageFolder } from '../../store/salvage/salvage-folder.ts';
import type { Store } from '../../store/store.ts';
import { NotStarted } from './not-started.ts';
import { placeOf, SIM_KEY, SIM_KEY_STORE } from './till-template.ts';

export interface OpenSimulatedOptions {
  readonly dataDir: string;
  readonly tillId: string;
  readonly storeId: string;
  readonly clock: { now(): number };
  readonly random: (bytes: number) => Uint8Array;
  readonly note: (what: string) => void;
}

/** Opens a till's folder as the program does, a damaged database salvaged first. Throws {@link NotStarted} for a full disk. */
export function openOrSalvage(options: OpenSimulatedOptions): Store {
  const { dataDir, tillId, storeId, clock, random, note } = options;
  const open = () =>
    openStore({
      dataDir,
      keyStore: SIM_KEY_STORE,
      clock,
      random,
      place: placeOf(tillId, storeId),
    });
  let opened = open();
  if (!opened.ok && opened.error.code === 'database-damaged') {
    note(`damaged: ${opened.error.detail.slice(dataDir.length + 1)}`);
    const { examined } = opened.error;
    const salvaged = salvageFolder({
      dataDir,
      key: SIM_KEY,
      nowMs: clock.now(),
      random,
      examined,
    });
    if (!salvaged.ok) throw failed('is not salvaged', salvaged.error);
    const { outcome, ledger } = salvaged.value;
    const lost = ledger === null ? '' : `, ${ledger.lostUnsent} unsent entries lost`;
    note(`${outcome}${lost}`);
    opened = open();
  }
  if (opened.ok) return opened.value;
  throw failed('does not open', opened.error);
}

function failed(what: string, { code, detail }: { code: string; detail: string }): Error {
  if (code === 'disk-full' || code === 'disk-failing') return new NotStarted(code);
  return new Error(`the folder ${what}: ${code} ${detail}`);
}
