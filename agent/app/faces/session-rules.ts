import type { FaceReason, FaceSetting, Member, MemberId } from '../../contract/index.ts';
import { isOldEnough } from '../../domain/face/face-age.ts';
import { followMerge } from '../../domain/identify/follow-merge.ts';
import { memberStanding } from '../../domain/identify/member-standing.ts';
import type { TillContext } from '../context.ts';
import { facesOn } from './consent.ts';
import type { FaceDeps } from './ports.ts';

/** Who may be recognised, here and at this moment. */
export interface SessionRules {
  /** What headquarters set, where this store uses faces; undefined = it does not. */
  setting(): FaceSetting | undefined;
  /** The member whom an account has become; undefined = nobody whom this till knows. */
  alive(enrolledAs: MemberId): Member | undefined;
  isOldEnough(member: Member): boolean;
  /** Whether a template of the member may be compared here now. */
  isEnrolled(memberId: MemberId): boolean;
  /**
   * The last word before a match counts: undefined, or why it does not. Everything may have changed while it was
   * searched for: the consent, the member, the store's mind.
   */
  objection(found: {
    readonly memberId: MemberId;
    readonly enrolledAs: MemberId;
  }): FaceReason | undefined;
}

/** @param templates undefined = this till has nothing that faces need */
export function createSessionRules(
  context: TillContext,
  templates: FaceDeps['templates'] | undefined,
): SessionRules {
  const { store } = context;

  function setting(): FaceSetting | undefined {
    if (templates === undefined) return undefined;
    const on = facesOn({ store, place: () => context.deps.place });
    return on.ok ? on.value : undefined;
  }

  function alive(enrolledAs: MemberId): Member | undefined {
    const row = store.members.byId(enrolledAs);
    return row === undefined ? undefined : followMerge(row, (id) => store.members.byId(id)).member;
  }

  function isOldEnoughHere(member: Member): boolean {
    const ageMin = setting()?.ageMin;
    return ageMin !== undefined && isOldEnough(member.birthday, context.businessDay(), ageMin);
  }

  return {
    setting,
    alive,
    isOldEnough: isOldEnoughHere,
    isEnrolled(memberId) {
      const ids = templates?.enrolledAs?.(memberId) ?? [memberId];
      return ids.some((id) => templates?.enrolledScope(id) !== undefined);
    },
    objection({ memberId, enrolledAs }) {
      if (setting() === undefined) return 'switched-off';
      const member = alive(enrolledAs);
      if (member === undefined || member.memberId !== memberId) return 'member-changed';
      const standing = memberStanding(member, context.today());
      if (standing === 'blocked') return 'blocked';
      if (standing === 'expired') return 'expired-member';
      if (!isOldEnoughHere(member)) return 'minor';
      return templates?.enrolledScope(enrolledAs) === undefined ? 'consent-withdrawn' : undefined;
    },
  };
}
