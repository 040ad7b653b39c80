import { err, ok, type Result } from '../../agent/contract/result.ts';
import {
  type FirstSessionFailure,
  type FirstSessionOptions,
  toFirstFailure,
  withFirstSession,
} from './first-session.ts';
import type { SnapshotPort, SnapshotProgress } from './ports.ts';
import { fetchSnapshot } from './snapshot.ts';
import type { StorageFailure } from './storage-failure.ts';

export type FirstSnapshotFailure =
  | FirstSessionFailure
  | { readonly code: 'damaged'; readonly message: string }
  | StorageFailure;

export interface FirstSnapshotOptions extends FirstSessionOptions {
  readonly snapshot: SnapshotPort;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

/**
 * Takes the first snapshot of a registered till that is not open yet. What came before a cut stays and is gone on from.
 * @returns the verified build, which the caller makes the live database; or why the till opens without it
 */
export function firstSnapshot(
  options: FirstSnapshotOptions,
): Promise<Result<SnapshotProgress, FirstSnapshotFailure>> {
  const { snapshot: port, onProgress = () => {} } = options;
  return withFirstSession<SnapshotProgress, FirstSnapshotFailure>(options, async (first) => {
    const { signal, ...parts } = first;
    const built = await fetchSnapshot({ deps: options, ...parts, port, onProgress }, signal);
    if (built.ok) return ok(built.value);
    return err(built.error.code === 'call' ? toFirstFailure(built.error.failure) : built.error);
  });
}
