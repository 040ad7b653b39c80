import {
  FACE_SHORTLIST_MAX,
  JUDGED_FRAMES_MIN,
  type MemberId,
  SHORTLIST_ONLY_ABOVE,
} from '../../contract/index.ts';
import type { Nearest } from '../../domain/face/gallery.ts';
import { AGREEMENT, agreeOnFrames, decideOpenSet } from '../../domain/face/open-set.ts';
import { meanCapture } from '../../domain/face-consent/consistent-captures.ts';
import type { Capture } from './captures.ts';
import type { FaceGallery, FaceModelFacts } from './ports.ts';

/**
 * Templates looked at for one answer. More than are suggested, because several accounts may have become one member.
 */
export const NEAREST_LOOKED_AT = 2 * FACE_SHORTLIST_MAX;

/** A member whose template is near. */
export interface FoundByFace {
  /** The member as they are today. */
  readonly memberId: MemberId;
  /** Under which account the template lies. */
  readonly enrolledAs: MemberId;
  readonly distance: number;
}

/** How near a claimed member's face came to their template, and to one of somebody else. */
export interface Compared {
  readonly memberId: MemberId;
  /** Under which account the template lies. */
  readonly enrolledAs: MemberId;
  readonly own: number;
  /** null = there was nobody else to compare with. */
  readonly other: number | null;
}

/** What the frames say of the member who is claimed; `compared` where they have a template. */
export type Verified = { readonly compared?: Compared } & (
  | { readonly kind: 'match'; readonly found: FoundByFace }
  /** Too near to be refused and too far to be taken: further frames may tell. */
  | { readonly kind: 'unsure' }
  | { readonly kind: 'no-match' }
);

/** Whom the frames may show. */
export type Identified =
  | {
      readonly kind: 'shortlist';
      readonly people: readonly FoundByFace[];
      /** How many people were searched. */
      readonly among: number;
    }
  | { readonly kind: 'unknown' };

export interface JudgeParts {
  readonly gallery: Pick<FaceGallery, 'nearest' | 'distance' | 'size'>;
  readonly model: FaceModelFacts;
  /** The member whose account this has become; undefined = nobody whom this till knows. */
  readonly alive: (enrolledAs: MemberId) => MemberId | undefined;
}

/** Whether there are frames enough to judge. */
export function canJudge(captures: readonly Capture[]): boolean {
  return captures.length >= JUDGED_FRAMES_MIN;
}

/**
 * Compares the mean of the frames with the claimed member's template, also with one from an account that has become
 * theirs. At the threshold of one stranger in a thousand it is them; beyond that of one in a hundred it is not.
 * Rejects where the gallery does.
 * @param anybody somebody to be compared with as well, for the record; the answer does not go by it
 */
export async function verifyFrames(
  { gallery, model, alive }: JudgeParts,
  memberId: MemberId,
  captures: readonly Capture[],
  anybody?: MemberId,
): Promise<Verified> {
  const mean = meanOf(captures, model);
  try {
    const own = await gallery.distance(memberId, mean);
    const near = await gallery.nearest(mean, NEAREST_LOOKED_AT);
    const [best] = [
      { memberId, distance: own ?? Number.POSITIVE_INFINITY },
      ...near.filter((one) => alive(one.memberId) === memberId),
    ].toSorted((a, b) => a.distance - b.distance);
    if (best === undefined || best.distance === Number.POSITIVE_INFINITY)
      return { kind: 'no-match' };
    const { memberId: enrolledAs, distance } = best;
    const isOther = anybody !== undefined && alive(anybody) !== memberId;
    const other = (isOther ? await gallery.distance(anybody, mean) : undefined) ?? null;
    const compared = { memberId, enrolledAs, own: distance, other };
    if (distance <= model.thresholds.fmr1e3)
      return { kind: 'match', found: { memberId, enrolledAs, distance }, compared };
    return { kind: distance <= model.thresholds.fmr1e2 ? 'unsure' : 'no-match', compared };
  } finally {
    mean.fill(0);
  }
}

/**
 * Looks for whom the last frames show: by the open-set rule in each of them and their agreement. Where the rule names
 * nobody because several are near, and in galleries too large for it, those who would pass as claimed members are
 * suggested; a stranger is near to nobody. Rejects where the gallery does.
 */
export async function identifyFrames(
  parts: JudgeParts,
  captures: readonly Capture[],
): Promise<Identified> {
  const { gallery, model } = parts;
  const among = await gallery.size();
  if (among <= SHORTLIST_ONLY_ABOVE) {
    const frames = [];
    for (const { descriptor } of captures.slice(-AGREEMENT.frames))
      frames.push(await membersNear(parts, descriptor));
    const answer = agreeOnFrames(
      frames.map((members) => decideOpenSet(nearestOf(members), model.openSet)),
    );
    if (answer.kind === 'unknown') return { kind: 'unknown' };
    if (answer.kind === 'named') {
      const best = frames.flat().filter(({ memberId }) => memberId === answer.person);
      const people = best.filter(({ distance }) => distance === answer.distance).slice(0, 1);
      return { kind: 'shortlist', people, among };
    }
  }
  const mean = meanOf(captures, model);
  try {
    const people = (await membersNear(parts, mean))
      .filter(({ distance }) => distance <= model.thresholds.fmr1e3)
      .slice(0, FACE_SHORTLIST_MAX);
    return people.length === 0 ? { kind: 'unknown' } : { kind: 'shortlist', people, among };
  } finally {
    mean.fill(0);
  }
}

function meanOf(captures: readonly Capture[], model: FaceModelFacts): Float32Array {
  return meanCapture(
    captures.map(({ descriptor }) => descriptor),
    model,
  );
}

/** Nearest first, each member once, by the member whom an account has become. */
async function membersNear(
  { gallery, alive }: JudgeParts,
  probe: Float32Array,
): Promise<FoundByFace[]> {
  const near = await gallery.nearest(probe, NEAREST_LOOKED_AT);
  const members = new Map<MemberId, FoundByFace>();
  for (const { memberId: enrolledAs, distance } of near) {
    const memberId = alive(enrolledAs);
    if (memberId !== undefined && !members.has(memberId))
      members.set(memberId, { memberId, enrolledAs, distance });
  }
  return [...members.values()];
}

function nearestOf(members: readonly FoundByFace[]): Nearest {
  const [best = null, second = null] = members.map(({ memberId, distance }) => ({
    person: memberId,
    distance,
  }));
  return { best, second };
}
