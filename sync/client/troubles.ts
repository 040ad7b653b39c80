import type { SyncClock, SyncLog } from './deps.ts';
import type { SyncTrouble } from './ports.ts';

/** Characters of a trouble's detail that are kept. */
export const TROUBLE_DETAIL_MAX = 300;

/** What a person should know of and what does not stop sync: at most one of each kind, the latest. */
export interface Troubles {
  raise(code: SyncTrouble['code'], detail: string): void;
  clear(code: SyncTrouble['code']): void;
  list(): readonly SyncTrouble[];
}

export function createTroubles(clock: SyncClock, log: SyncLog, onChange: () => void): Troubles {
  const open = new Map<SyncTrouble['code'], SyncTrouble>();
  return {
    raise(code, detail) {
      const known = open.get(code);
      const cut = detail.slice(0, TROUBLE_DETAIL_MAX);
      if (known?.detail === cut) return;
      open.set(code, { code, detail: cut, sinceMs: known?.sinceMs ?? clock.now() });
      log('warn', 'sync has trouble', { trouble: code, detail: cut });
      onChange();
    },
    clear(code) {
      if (open.delete(code)) onChange();
    },
    list: () => [...open.values()],
  };
}
