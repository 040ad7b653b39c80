import { ok, type Result } from '../../agent/contract/result.ts';
import type { Applied, MergeMode, SnapshotPort } from './ports.ts';
import { type StorageFailure, tryStorage, tryStorageLater } from './storage-failure.ts';

export interface MergeParts {
  readonly port: SnapshotPort;
  /** Longest time of one transaction, in milliseconds. */
  readonly budgetMs: number;
  readonly mode: MergeMode;
  /** Lets waiting input and sales run first. */
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
  readonly onApplied: (applied: Applied) => void;
}

/**
 * Brings a finished snapshot into the running till's database in slices; the till sells meanwhile. The last slice sets
 * the place in the feed, so a merge that was cut begins again and changes nothing twice.
 * @returns how many rows it changed or removed
 */
export async function mergeSnapshot(
  { port, budgetMs, mode, yieldNow, onApplied }: MergeParts,
  signal: AbortSignal,
): Promise<Result<{ readonly changed: number } | 'cancelled', StorageFailure>> {
  let changed = 0;
  for (;;) {
    await yieldNow(signal);
    if (signal.aborted) return ok('cancelled');
    const step = tryStorage(() => port.merge(budgetMs, mode));
    if (!step.ok) return step;
    onApplied(step.value.applied);
    changed += step.value.applied.changed.length;
    if (!step.value.done) continue;
    const removed = await tryStorageLater(() => port.discard());
    return removed.ok ? ok({ changed }) : removed;
  }
}
