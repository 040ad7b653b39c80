import type { Evidence, MemberId } from '../../contract/index.ts';
import { type Identifications, isLive, type Known } from '../identifications.ts';
import type { Compared } from './judge-frames.ts';
import type { FacePairs } from './ports.ts';

/** Comparisons that wait for another proof; the oldest gives way. */
export const PAIRS_WAITING_MAX = 16;

/** Keeps what a face was worth until another proof says whose it was. */
export interface ConfirmedPairs {
  /** A face was compared with the member whom this identification names, whatever came of it. */
  compared(known: Pick<Known, 'identificationId' | 'basketId'>, what: Compared): void;
  /** An identification changed: notes what is confirmed by now and lets go of what never will be. */
  look(): void;
}

interface Waiting extends Pick<Known, 'identificationId' | 'basketId'> {
  readonly memberId: MemberId;
  readonly what: Compared;
}

/**
 * Pairs are noted whatever the comparison came to, or thresholds would be judged by those alone who passed them. The proof
 * has to be independent of the face and more than a claim: a static card may be in anybody's hand, and its owner's face is
 * then not before the camera.
 */
export function createConfirmedPairs(
  identifications: Pick<Identifications, 'live'>,
  pairs: FacePairs,
): ConfirmedPairs {
  let waiting: readonly Waiting[] = [];

  /** The same identification, or the one that took its place at the same sale. */
  const isOf =
    ({ identificationId, basketId }: Waiting) =>
    (known: Known): boolean =>
      known.identificationId === identificationId || known.basketId === basketId;

  function look(): void {
    const live = identifications.live().filter(isLive);
    waiting = waiting.filter((one) => {
      const { memberId, what } = one;
      const there = live.filter(isOf(one)).filter((known) => known.memberId === memberId);
      if (!there.some(isConfirmed)) return there.length > 0;
      pairs.note(what);
      return false;
    });
  }

  return {
    look,
    compared({ identificationId, basketId }, what) {
      const one = { identificationId, basketId, memberId: what.memberId, what };
      waiting = [...waiting, one].slice(-PAIRS_WAITING_MAX);
      look();
    },
  };
}

/** A fresh code of a pass or wallet card, a PIN or a finger of this member, or a manager's word. */
function isConfirmed({ outcome, memberId, evidence, overrides }: Known): boolean {
  const proves = (one: Evidence): boolean =>
    one.means !== 'face' && !one.claim && one.memberId === memberId;
  return outcome === 'identified' && (overrides.length > 0 || evidence.some(proves));
}
