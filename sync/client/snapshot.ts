import { err, ok, type Result } from '../../agent/contract/result.ts';
import { SEGMENT_PATH } from '../protocol/hq-api.ts';
import { SEGMENT_MAX_BYTES } from '../protocol/snapshot.ts';
import { type CallFailure, unreachableBy } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import type { Pause } from './pause.ts';
import type { SegmentWanted, SnapshotPort, SnapshotProgress } from './ports.ts';
import type { Session } from './session.ts';
import { type StorageFailure, tryStorageLater } from './storage-failure.ts';
import type { Transport } from './transport.ts';
import { withRetries } from './with-retries.ts';

/** Longest time for one segment, in milliseconds: 64 k members over a slow line. */
export const SEGMENT_MS = 30 * 60_000;
/** How long HQ may take to begin with a segment, in milliseconds: it reads and packs it first. */
export const SEGMENT_FIRST_BYTE_MS = 60_000;
/** Attempts for one segment, broken or damaged ones counted alike. */
export const SEGMENT_RETRIES = 8;
/** Builds that may prove damaged at the end before the snapshot is given up for this time. */
export const BUILDS_MAX = 2;
const SEGMENT_FORMS = ['application/octet-stream', 'application/zstd'];

export type SnapshotFailure =
  | { readonly code: 'call'; readonly failure: CallFailure }
  | { readonly code: 'damaged'; readonly message: string }
  | StorageFailure;

export interface SnapshotParts {
  readonly deps: Pick<SyncDeps, 'random' | 'log'>;
  readonly session: Session;
  readonly transport: Transport;
  readonly port: SnapshotPort;
  readonly pause: Pause;
  readonly onProgress: (progress: SnapshotProgress) => void;
}

/**
 * Fetches a snapshot segment by segment into the file beside the live one. What was fetched before a cut, a kill or a
 * restart of HQ is kept; a damaged segment is fetched again.
 * @returns the verified build; nothing of it is in the till's database yet
 */
export async function fetchSnapshot(
  parts: SnapshotParts,
  signal: AbortSignal,
): Promise<Result<SnapshotProgress, SnapshotFailure>> {
  for (let build = 1; ; build += 1) {
    const built = await buildOnce(parts, signal);
    if (!built.ok) return built;
    const finished = await tryStorageLater(() => parts.port.finish());
    if (!finished.ok) return finished;
    if (finished.value.ok) return ok(finished.value.value);
    const { message } = finished.value.error;
    parts.deps.log('warn', 'a snapshot proved damaged', { message, build });
    if (build >= BUILDS_MAX) return err({ code: 'damaged', message });
  }
}

/** As headquarters itself refuses a place of another timeline: a session of its own hears of it in full. */
function otherTimeline(): CallFailure {
  return { code: 'refused', refusal: 'cursor-unknown', detail: {}, retryAfterMs: null };
}

async function buildOnce(
  { deps, session, transport, port, pause, onProgress }: SnapshotParts,
  signal: AbortSignal,
): Promise<Result<SnapshotProgress, SnapshotFailure>> {
  const started = await session.call('startSnapshot', {}, { signal });
  if (!started.ok) return err({ code: 'call', failure: started.error });
  // Headquarters was restored in the middle of this session: a copy would lead to a timeline that the session knows
  // nothing of, and would be wanted again for ever.
  const opened = session.current();
  if (opened !== null && started.value.start.timeline !== opened.timeline)
    return err({ code: 'call', failure: otherTimeline() });
  const begun = await tryStorageLater(() => port.begin(started.value));
  if (!begun.ok) return begun;
  let progress = begun.value;
  onProgress(progress);
  while (progress.next !== null) {
    const wanted: SegmentWanted = progress.next;
    const { timeline } = progress.start;
    let storage: StorageFailure | null = null;
    const taken = await withRetries<SnapshotProgress>(
      async () => {
        const bytes = await session.withToken((token) =>
          transport.download(SEGMENT_PATH, {
            token,
            signal,
            query: { ...wanted, timeline },
            forms: SEGMENT_FORMS,
            maxBytes: SEGMENT_MAX_BYTES,
            wholeMs: SEGMENT_MS,
            firstByteMs: SEGMENT_FIRST_BYTE_MS,
          }),
        );
        if (!bytes.ok) return bytes;
        const kept = await tryStorageLater(() => port.segment(wanted, bytes.value));
        if (!kept.ok) {
          storage = kept.error;
          return err({ code: 'cancelled' });
        }
        if (kept.value.ok) return kept.value;
        deps.log('warn', 'a segment came damaged', { table: wanted.table });
        return err(unreachableBy('wrong-answer', kept.value.error.message));
      },
      { retries: SEGMENT_RETRIES, random: deps.random, pause, signal },
    );
    if (!taken.ok) return err(storage ?? { code: 'call', failure: taken.error });
    progress = taken.value;
    onProgress(progress);
  }
  return ok(progress);
}
