import type {
  FaceModel,
  FaceScope,
  Failure,
  MemberId,
  Result,
  TemplateId,
} from '../../contract/index.ts';

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

/** The templates that may be used at this till, searched in a thread of its own; one for each member. */
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
  openAll(
    model: FaceModel,
  ): Iterable<
    | OpenTemplate
    | {
        readonly templateId: TemplateId;
        readonly memberId: MemberId;
        readonly refused: 'no-key' | 'damaged' | 'other-model';
      }
  >;
  /** The scope in which the member is enrolled here now; undefined = not enrolled. */
  enrolledScope(memberId: MemberId): FaceScope | undefined;
  /** Recognised today: keeps the template from ending for lack of visits. */
  seen(memberId: MemberId): void;
  count(): number;
}
