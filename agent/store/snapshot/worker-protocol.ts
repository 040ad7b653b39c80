import type { SegmentWanted, SnapshotProgress } from '../../../sync/client/ports.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import type { SnapshotStart } from '../../../sync/protocol/snapshot.ts';
import type { Result } from '../../contract/index.ts';
import type { SegmentRefusal, SnapshotRefusal } from './snapshot-build.ts';

/** What the till's thread asks of the thread that builds; one question at a time. */
export type BuildRequest =
  | {
      readonly call: 'begin';
      readonly start: SnapshotStart;
      readonly storeId: string;
      readonly nowMs: number;
      readonly fileId: string;
      /** Key of the digests, as far as one is known. */
      readonly digestKey: string | null;
      /** The till's place in the feed. */
      readonly cursor: Cursor | undefined;
    }
  | { readonly call: 'segment'; readonly wanted: SegmentWanted; readonly bytes: Uint8Array }
  | { readonly call: 'finish' }
  | { readonly call: 'close' };

/** What it answers: a value, or the error that was thrown, in parts that survive the way between threads. */
export type BuildReply =
  | { readonly value: SnapshotProgress | null }
  | { readonly result: Result<SnapshotProgress, SegmentRefusal | SnapshotRefusal> }
  | {
      readonly thrown: { readonly name: string; readonly message: string; readonly code?: string };
    };

/** What the thread is started with. */
export interface BuilderData {
  readonly dataDir: string;
  readonly key: Uint8Array;
}
