import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { Applier } from './apply.ts';
import type { FactsKeeper } from './facts.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import type { Applied, MergeMode, SnapshotProgress } from './ports.ts';
import { fetchSnapshot, type SnapshotFailure, type SnapshotParts } from './snapshot.ts';
import { tryStorageLater } from './storage-failure.ts';

export interface BringSnapshotParts extends Omit<SnapshotParts, 'onProgress'> {
  readonly applier: Applier;
  readonly budgetMs: number;
  readonly mode: MergeMode;
  readonly facts: FactsKeeper;
  readonly onApplied: (applied: Applied) => void;
}

/** What a merged snapshot changed at the till, removals included. */
export interface Brought {
  readonly changed: number;
}

/** Fetches a snapshot and merges it into the running till, which sells meanwhile. */
export async function bringSnapshot(
  parts: BringSnapshotParts,
  signal: AbortSignal,
): Promise<Result<Brought, SnapshotFailure>> {
  const { facts, applier, port, budgetMs, mode, onApplied } = parts;
  const show = (state: 'loading' | 'merging' | 'done', progress: SnapshotProgress): void =>
    facts.snapshot({ state, rowsDone: progress.rowsDone, rowsAll: progress.rowsAll });
  facts.snapshot({ state: 'loading', rowsDone: 0, rowsAll: 0 });
  const built = await fetchSnapshot(
    { ...parts, onProgress: (progress) => show('loading', progress) },
    signal,
  );
  if (!built.ok) return givenUp(parts, built.error);
  show('merging', built.value);
  const merged = await mergeSnapshot(
    { port, budgetMs, mode, yieldNow: applier.yieldNow, onApplied },
    signal,
  );
  if (!merged.ok) return givenUp(parts, merged.error);
  if (merged.value === 'cancelled') return err({ code: 'call', failure: { code: 'cancelled' } });
  show('done', built.value);
  return ok(merged.value);
}

/** What a full disk holds of a copy that nobody needs to sell would take room from the sales. */
async function givenUp(
  { mode, port, deps }: BringSnapshotParts,
  failure: SnapshotFailure,
): Promise<Result<never, SnapshotFailure>> {
  if (mode === 'newer' || failure.code !== 'storage') return err(failure);
  const removed = await tryStorageLater(() => port.discard());
  if (!removed.ok) deps.log('warn', 'a copy was not removed', { why: removed.error.detail });
  return err(failure);
}
