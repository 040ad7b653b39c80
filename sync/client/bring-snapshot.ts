import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { Applier } from './apply.ts';
import type { FactsKeeper } from './facts.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import type { Applied, MergeMode, SnapshotProgress } from './ports.ts';
import { fetchSnapshot, type SnapshotFailure, type SnapshotParts } from './snapshot.ts';

export interface BringSnapshotParts extends Omit<SnapshotParts, 'onProgress'> {
  readonly applier: Applier;
  readonly budgetMs: number;
  readonly mode: MergeMode;
  readonly facts: FactsKeeper;
  readonly onApplied: (applied: Applied) => void;
}

/** Fetches a snapshot and merges it into the running till, which sells meanwhile. */
export async function bringSnapshot(
  parts: BringSnapshotParts,
  signal: AbortSignal,
): Promise<Result<void, SnapshotFailure>> {
  const { facts, applier, port, budgetMs, mode, onApplied } = parts;
  const show = (state: 'loading' | 'merging' | 'done', progress: SnapshotProgress): void =>
    facts.snapshot({ state, rowsDone: progress.rowsDone, rowsAll: progress.rowsAll });
  facts.snapshot({ state: 'loading', rowsDone: 0, rowsAll: 0 });
  const built = await fetchSnapshot(
    { ...parts, onProgress: (progress) => show('loading', progress) },
    signal,
  );
  if (!built.ok) return built;
  show('merging', built.value);
  const merged = await mergeSnapshot(
    { port, budgetMs, mode, yieldNow: applier.yieldNow, onApplied },
    signal,
  );
  if (!merged.ok) return merged;
  if (merged.value === 'cancelled') return err({ code: 'call', failure: { code: 'cancelled' } });
  show('done', built.value);
  return ok(undefined);
}
