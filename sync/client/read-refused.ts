import type { Applier } from './apply.ts';
import type { Applied, RowPlace, SyncStore } from './ports.ts';
import { tryStorage } from './storage-failure.ts';
import type { Troubles } from './troubles.ts';

/** Rows that could not be read and are tried again in one transaction. */
export const REFUSED_SLICE_ROWS = 64;

export interface ReadRefusedParts {
  readonly store: Pick<SyncStore, 'readRefused'>;
  readonly applier: Pick<Applier, 'yieldNow'>;
  readonly troubles: Troubles;
  readonly onApplied: (applied: Applied) => void;
}

/**
 * Tries every row that lies aside once at the start of sync: this program may be a later one, and what it cannot read
 * either is shown again.
 */
export async function readRefused(
  { store, applier, troubles, onApplied }: ReadRefusedParts,
  signal: AbortSignal,
): Promise<void> {
  let at: RowPlace | null = { table: '', key: '' };
  while (at !== null && !signal.aborted) {
    const after: RowPlace = at;
    const slice = tryStorage(() => store.readRefused(after, REFUSED_SLICE_ROWS));
    if (!slice.ok) return troubles.raise('storage-failed', slice.error.detail);
    const { applied, next } = slice.value;
    const { changed, refused = [] } = applied;
    if (changed.length > 0 || refused.length > 0) onApplied(applied);
    at = next;
    if (at !== null) await applier.yieldNow(signal);
  }
}
