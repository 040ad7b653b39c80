import type { EvaluationId, MemberId, Result } from '../../agent/contract/index.ts';
import type { UploadReply } from '../protocol/upload.ts';
import type { SyncDeps } from './deps.ts';
import type { Applied, FacePorts, HeadquartersPort, SnapshotPort } from './ports.ts';
import type { HttpExchange } from './transport.ts';

/** A proxy between the till and headquarters; absent = as the environment says (`HTTPS_PROXY`, `NO_PROXY`). */
export interface ProxySetting {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly username: string; readonly password: string };
}

export interface SyncClientOptions extends SyncDeps {
  /**
   * Verifies and installs a signed document; the bytes fit what the feed announced. One that is installed already is no
   * error. A refused one is shown and tried again later.
   */
  readonly installDocument: (
    kind: 'rule-set' | 'policy',
    version: number,
    bytes: Uint8Array,
  ) =>
    | Result<unknown, { readonly message: string }>
    | Promise<Result<unknown, { readonly message: string }>>;
  /** What came down and was newer than the till's own; called after each transaction. */
  readonly onApplied: (changed: Applied['changed']) => void;
  /** Facts have changed; called often, with at most a few a second. */
  readonly onFacts?: () => void;
  /** Who provisional members turned out to be. Their rows come down the feed too. */
  readonly onJoined?: (joined: UploadReply['joined']) => void;
  /** Points that this till's own lots and holds leave free, as far as is known here. */
  readonly localPoints: (query: {
    readonly memberId: MemberId;
    /** Absent = `base`. */
    readonly bucket?: string | undefined;
    /** A hold whose points count as free. */
    readonly replaces?: EvaluationId | undefined;
  }) => number;
  /** What this till itself knows of a coupon that is good for `times` uses; absent = `unknown` for every code. */
  readonly localCoupon?: (code: string, times?: number) => 'free' | 'reserved' | 'used' | 'unknown';
  /** Longest time that one transaction of sync may hold the thread, in milliseconds; see `APPLY_BUDGET_MS`. */
  readonly applyBudgetMs?: number;
  /** False while a sale is being held or committed: sync waits a little. */
  readonly idle?: () => boolean;
  readonly snapshot: SnapshotPort;
  /** Sealed face templates and their keys; absent = what the feed says of them is kept and nothing more. */
  readonly faces?: FacePorts | undefined;
  readonly proxy?: ProxySetting;
  /** Absent = HTTP over a socket of this machine. */
  readonly exchange?: HttpExchange | undefined;
}

/** Sync of one registered till: starts nothing by itself until {@link start}. */
export interface SyncClient {
  readonly headquarters: HeadquartersPort;
  start(): void;
  /** Something was put into the outbox: it is sent soon. */
  notify(): void;
  /** Ends every connection and timer; settles once nothing of it runs. */
  stop(): Promise<void>;
}
