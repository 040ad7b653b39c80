import { FACE_OWN_MAX, type FaceOwn, type FaceSetting } from '../../contract/index.ts';
import type { HeldFaceData } from '../../domain/face-consent/held-face-data.ts';

/** What is held of a member's face, as the member reads it: newest first, each with the consent that it rests on. */
export function ownFaces(held: HeldFaceData, setting: FaceSetting | undefined): FaceOwn {
  const consents = new Map(held.consents.map((one) => [one.consentId, one]));
  const faces = held.templates
    .toSorted((one, other) => (one.enrolledAt < other.enrolledAt ? 1 : -1))
    .slice(0, FACE_OWN_MAX)
    .map(({ scope, enrolledAt, enrolledInStore, lastSeenOn, hasKey, comparisons, consentId }) => {
      const consent = consents.get(consentId);
      return {
        scope,
        enrolledAt,
        storeId: enrolledInStore,
        lastSeenOn,
        isUsable: hasKey,
        comparisons,
        consent:
          consent === undefined
            ? null
            : { textVersion: consent.textVersion, language: consent.language, at: consent.at },
      };
    });
  return { outcome: 'shown', faces, retentionDays: setting?.retentionDays ?? null };
}
