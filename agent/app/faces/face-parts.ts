import { createHash } from 'node:crypto';
import type { MemberId, TillPlace } from '../../contract/index.ts';
import { localTime } from '../../domain/benefits/local-time.ts';
import { followMerge } from '../../domain/identify/follow-merge.ts';
import { businessDay } from '../../domain/ledger/business-day.ts';
import type { Store } from '../../store/store.ts';
import type { TemplateKeys } from '../../store/template-keys/template-keys.ts';
import type { Log } from '../deps.ts';
import type { FaceGallery, FaceModelFacts } from './ports.ts';

/** Distances of the till's model that enrolments go by; from its manifest. */
export interface EnrolLimits {
  /** Captures of one enrolment lie no further apart. */
  readonly pairMax: number;
  /** At or below it two members are taken for one person, among so many who are enrolled. */
  readonly duplicateMax: (enrolled: number) => number;
}

/** The model that this till compares by. */
export interface FaceModelInUse {
  readonly facts: Pick<FaceModelFacts, 'model' | 'dimensions' | 'normalisation'>;
  readonly limits: EnrolLimits;
  /** Fills itself with what `FaceTemplates.openAll` gives when it is first asked. */
  readonly gallery: FaceGallery;
  /** Overwrites the gallery at once; who asks next finds it filled anew. */
  readonly forget: () => Promise<void>;
}

/** What consent, templates and keys work with. */
export interface FaceParts {
  readonly store: Store;
  readonly keys: TemplateKeys;
  /** undefined = this till has none, or not yet: it keeps templates and compares nothing. */
  readonly inUse: () => FaceModelInUse | undefined;
  readonly clock: { now(): number };
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly place: () => TillPlace;
  readonly log: Log;
  /** Something may wait for headquarters. */
  readonly onWritten?: (() => void) | undefined;
}

/** The store's business day of a moment, `YYYY-MM-DD`. */
export function dayOf(parts: Pick<FaceParts, 'place'>, atMs: number): string {
  const { timeZone, dayEndsAtMinute } = parts.place().store;
  return businessDay(localTime(atMs, timeZone, dayEndsAtMinute), dayEndsAtMinute);
}

/** The id of the member whom an account has become; its own where this till does not know. */
export function aliveId({ store }: Pick<FaceParts, 'store'>, enrolledAs: MemberId): MemberId {
  const row = store.members.byId(enrolledAs);
  if (row === undefined) return enrolledAs;
  return followMerge(row, (id) => store.members.byId(id)).member?.memberId ?? enrolledAs;
}

/** The ids under which a member may be enrolled: their own, and those of accounts that have become theirs. */
export function enrolledIds(parts: Pick<FaceParts, 'store'>, memberId: MemberId): MemberId[] {
  const merged = parts.store.faces.mergedMembers();
  return [memberId, ...merged.filter((id) => id !== memberId && aliveId(parts, id) === memberId)];
}

/** The id of what happened once: told again after a crash or a restore it is the same. */
export function onceId(prefix: string, ...facts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
  return `${prefix}-${digest.slice(0, 32)}`;
}
