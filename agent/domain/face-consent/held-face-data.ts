import type { FaceConsent, FaceModel, FaceScope, FaceTemplate } from '../../contract/face-facts.ts';

/** What is held of a member's face, for an answer to the member: never the numbers, not even sealed. */
export interface HeldFaceData {
  readonly consents: readonly FaceConsent[];
  readonly templates: readonly {
    readonly templateId: string;
    readonly consentId: string;
    readonly model: FaceModel;
    readonly scope: FaceScope;
    readonly enrolledAt: FaceTemplate['at'];
    readonly enrolledInStore: FaceTemplate['storeId'];
    readonly enrolledAtTill: string;
    /** The last business day on which the face was recognised at this till; null = never. */
    readonly lastSeenOn: string | null;
    /** Whether this till can open it. */
    readonly hasKey: boolean;
    /** Distances noted of looks at the face that another proof confirmed; without a picture or numbers of the face. */
    readonly comparisons: number;
  }[];
}

/** Lists field by field, so that a field of a later version is not told by accident. */
export function heldFaceData(
  rows: readonly {
    readonly template: FaceTemplate;
    readonly consent: FaceConsent | null;
    readonly seenOn: string | null;
    readonly hasKey: boolean;
    readonly comparisons: number;
  }[],
): HeldFaceData {
  return {
    consents: rows.flatMap(({ consent }) => (consent === null ? [] : [consent])),
    templates: rows.map(({ template, seenOn, hasKey, comparisons }) => ({
      templateId: template.templateId,
      consentId: template.consentId,
      model: template.model,
      scope: template.scope,
      enrolledAt: template.at,
      enrolledInStore: template.storeId,
      enrolledAtTill: template.tillId,
      lastSeenOn: seenOn,
      hasKey,
      comparisons,
    })),
  };
}
