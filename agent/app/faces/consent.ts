import {
  err,
  type FaceConsentText,
  type FaceSetting,
  type Failure,
  faceSettingSchema,
  failure,
  type Member,
  type MemberId,
  ok,
  type Result,
} from '../../contract/index.ts';
import { isOldEnough } from '../../domain/face/face-age.ts';
import { followMerge } from '../../domain/identify/follow-merge.ts';
import { memberStanding } from '../../domain/identify/member-standing.ts';
import { dayOf, type FaceParts } from './face-parts.ts';
import { facePause } from './pause.ts';

type ConsentParts = Pick<FaceParts, 'store' | 'place'>;

/** What headquarters set, whether or not this store uses faces; undefined = nothing that can be read. */
export function faceSettingOf({ store }: Pick<ConsentParts, 'store'>): FaceSetting | undefined {
  const body = store.sync.fed('setting', 'face');
  const read = faceSettingSchema.safeParse(body === undefined ? undefined : JSON.parse(body));
  return read.success ? read.data : undefined;
}

/** The setting of a store that uses faces; fails with `face-off` in every other, and where a manager paused them here. */
export function facesOn(parts: ConsentParts): Result<FaceSetting, Failure> {
  const setting = faceSettingOf(parts);
  const isOn = setting !== undefined && !setting.offInStores.includes(parts.place().store.storeId);
  return isOn && facePause(parts.store.meta) === undefined ? ok(setting) : err(failure('face-off'));
}

/** What a member reads before they agree; fails with `face-off`. */
export function faceConsentText(parts: ConsentParts): Result<FaceConsentText, Failure> {
  const setting = facesOn(parts);
  if (!setting.ok) return setting;
  const { textVersion, storeText, chainText } = setting.value;
  return ok({ textVersion, storeText, chainText });
}

/**
 * The member whom a template may be made of now. Fails with `face-off`, `consent-outdated` where they read another text than
 * the one in force, `member-unknown`, `member-inactive`, and `face-minor` where they are too young or of unknown age.
 */
export function mayEnrol(
  parts: ConsentParts,
  asked: { readonly memberId: MemberId; readonly textVersion: string },
  atMs: number,
): Result<Member, Failure> {
  const setting = facesOn(parts);
  if (!setting.ok) return setting;
  const { textVersion, ageMin } = setting.value;
  if (asked.textVersion !== textVersion)
    return err(failure('consent-outdated', 'textVersion', { textVersion }));
  const { members } = parts.store;
  const row = members.byId(asked.memberId);
  const member = row && followMerge(row, (id) => members.byId(id)).member;
  if (member === undefined) return err(failure('member-unknown', 'memberId'));
  const day = dayOf(parts, atMs);
  if (memberStanding(member, day) !== 'identified')
    return err(failure('member-inactive', 'memberId'));
  return isOldEnough(member.birthday, day, ageMin) ? ok(member) : err(failure('face-minor'));
}
