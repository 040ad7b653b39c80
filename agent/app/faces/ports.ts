import type {
  FaceDetector,
  FaceModel,
  FaceScope,
  FaceSessionId,
  FaceWithdrawal,
  Failure,
  MemberId,
  Result,
  StaffId,
  TemplateId,
} from '../../contract/index.ts';
import type { OpenSetRule } from '../../domain/face/open-set.ts';
import type { HeldFaceData } from '../../domain/face-consent/held-face-data.ts';
import type { withdrawalReceipt } from '../../domain/face-consent/withdrawal-receipt.ts';
import type { FacePair } from '../../store/repositories/face-pairs.ts';
import type { Compared } from './judge-frames.ts';

/** One template in clear, in memory only. */
export interface OpenTemplate {
  readonly templateId: TemplateId;
  readonly memberId: MemberId;
  readonly model: FaceModel;
  readonly descriptor: Float32Array;
}

/** Somebody whose template is near, by distance in the model's metric. */
export interface NearMember {
  readonly memberId: MemberId;
  readonly distance: number;
}

/**
 * The templates that may be used at this till, searched in a thread of its own; one for each member. Searches reject
 * while that thread is away, too many of them wait, or the probe is no descriptor.
 */
export interface FaceGallery {
  /** Replaces the member's; takes effect before any later search. */
  put(template: OpenTemplate): Promise<Result<void, Failure>>;
  remove(memberId: MemberId): Promise<void>;
  /** The `count` nearest members, nearest first. */
  nearest(probe: Float32Array, count: number): Promise<readonly NearMember[]>;
  /** Distance to one member's template; undefined where there is none. */
  distance(memberId: MemberId, probe: Float32Array): Promise<number | undefined>;
  size(): Promise<number>;
  /** Overwrites and forgets everything. */
  close(): Promise<void>;
}

/** The templates as they are kept: sealed in the database, each key outside of it. */
export interface FaceTemplates {
  /** Opens all that can be opened; the others are named with the reason (`no-key`, `damaged`, `other-model`). */
  openAll(model: FaceModel): Iterable<
    | OpenTemplate
    | {
        readonly templateId: TemplateId;
        readonly memberId: MemberId;
        readonly refused: 'no-key' | 'damaged' | 'other-model';
      }
  >;
  /** The scope in which the member is enrolled here now; undefined = not enrolled. */
  enrolledScope(memberId: MemberId): FaceScope | undefined;
  /**
   * The ids under which a member is enrolled here: their own, and those of accounts that have become theirs. Absent =
   * only their own is looked at before a comparison.
   */
  enrolledAs?(memberId: MemberId): readonly MemberId[];
  /** Recognised today: keeps the template from ending for lack of visits. */
  seen(memberId: MemberId): void;
  count(): number;
}

/** What the figures of the till's model mean; from its manifest. */
export interface FaceModelFacts {
  readonly model: FaceModel;
  readonly dimensions: number;
  /** `unit`: descriptors have length one, and so have their means. */
  readonly normalisation: 'none' | 'unit';
  /** Distances at or below which two are one person, by the share of strangers that this takes in. */
  readonly thresholds: { readonly fmr1e2: number; readonly fmr1e3: number };
  readonly openSet: OpenSetRule;
  /** Log-likelihood ratio of a distance in thousandths of a nat; absent = the model has no such calibration. */
  readonly scoreMilliNats?: (distance: number) => number;
}

/** What a member agreed to and the captures that the agreement is about. */
export interface EnrolRequest {
  readonly memberId: MemberId;
  readonly scope: FaceScope;
  readonly textVersion: string;
  readonly language: 'zh-CN' | 'en';
  readonly witnessId: StaffId;
  readonly agreedAtMs: number;
  readonly model: FaceModel;
  /** At least three. The caller overwrites them afterwards. */
  readonly captures: readonly Float32Array[];
}

/** Makes and ends templates; what it has done shows in templates and gallery before it answers. */
export interface FaceEnrolments {
  enrol(request: EnrolRequest): Promise<Result<{ readonly templateId: TemplateId }, Failure>>;
  withdraw(request: {
    readonly memberId: MemberId;
    readonly channel: 'customer-screen' | 'staff';
    readonly staffId: StaffId;
  }): Promise<Result<FaceWithdrawal, Failure>>;
}

/** What a detector said; `unknown` = nothing that counts, e.g. it is unplugged: the face counts as without it. */
export type LivenessVerdict =
  | { readonly kind: 'live'; readonly detector: FaceDetector }
  | { readonly kind: 'not-live' }
  | { readonly kind: 'unknown' };

/**
 * A detector of presentation attacks beside the camera, which sees the person of a session itself. Whether it is certified
 * for what it says is the policy's word.
 */
export interface LivenessVendor {
  /** Never rejects. */
  verdict(sessionId: FaceSessionId): Promise<LivenessVerdict>;
  /** The session is over: nobody is looked at for it any more. Who waits for the verdict gets `unknown`. */
  cancel(sessionId: FaceSessionId): void;
}

/** What lies at this till, for whoever keeps it; never numbers of a face. */
export interface FaceKeeper {
  /** The switch may have changed: off, the gallery is emptied. */
  look(): Promise<void>;
  /** See `FaceSwitch.erase`. */
  erase(staffId: StaffId, breathe?: () => Promise<void>): Promise<Result<number, Failure>>;
  heldOf(memberId: MemberId): HeldFaceData;
  readonly receiptOf: typeof withdrawalReceipt;
  /** Confirmed pairs in the order in which they were noted, a page at a time. */
  pairs(after: number): readonly (FacePair & { readonly no: number })[];
  keys(): { readonly kept: readonly TemplateId[]; readonly erased: readonly TemplateId[] };
}

/** What comparisons were worth, for a store that calibrates by its own. */
export interface FacePairs {
  /** Somebody with a template here, drawn by lot; undefined = nobody is enrolled. */
  anybody(): MemberId | undefined;
  /** A comparison with a member whom another proof has confirmed. Never throws for a disk that fails. */
  note(compared: Compared): void;
}

/** Everything a till needs for faces. */
export interface FaceDeps {
  readonly model: FaceModelFacts;
  /** Whether pages load the model from the store's pack; absent = it comes with the program. */
  readonly isPack?: boolean;
  /** Whether the page at the camera simulates one; absent = it opens a real one. */
  readonly isCameraSimulated?: boolean;
  readonly gallery: FaceGallery;
  readonly templates: FaceTemplates;
  readonly enrolments: FaceEnrolments;
  readonly liveness?: LivenessVendor | undefined;
  /** Absent = only sessions are held. */
  readonly keeper?: FaceKeeper | undefined;
  /** Absent = nothing is noted. */
  readonly pairs?: FacePairs | undefined;
  /** The camera's id, the source of its evidence. */
  readonly deviceId: string;
}
