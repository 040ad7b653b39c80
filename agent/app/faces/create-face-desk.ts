import type { FacePorts } from '../../../sync/client/ports.ts';
import type { Failure, MemberId, Result, TemplateId } from '../../contract/index.ts';
import { type HeldFaceData, heldFaceData } from '../../domain/face-consent/held-face-data.ts';
import { withdrawalReceipt } from '../../domain/face-consent/withdrawal-receipt.ts';
import { createEnrol, type UnderWay } from './enrol.ts';
import { createFacePairs, type KeptPairs } from './face-pairs.ts';
import { enrolledIds, type FaceParts } from './face-parts.ts';
import type { FaceEnrolments, FaceKeeper } from './ports.ts';
import { type Reconciled, reconcileFaces, reconcileInTurns } from './reconcile.ts';
import { endWhatIsOver } from './retention.ts';
import { createFaceSwitch, type FaceSwitch } from './switch.ts';
import { createTemplates, type KeptTemplates } from './templates.ts';
import { createWithdraw } from './withdraw.ts';

/** Consent, templates and keys of one till, with or without a camera: fed templates are kept in any case. */
export interface FaceDesk {
  readonly templates: KeptTemplates;
  readonly enrolments: FaceEnrolments;
  readonly switch: FaceSwitch;
  readonly keeper: FaceKeeper;
  readonly pairs: KeptPairs;
  /** What sync works with. */
  readonly sync: FacePorts;
  /** See {@link reconcileInTurns}. */
  reconcile(turn: () => Promise<boolean>): Promise<Result<Reconciled | undefined, Failure>>;
  /** See {@link endWhatIsOver}. */
  endWhatIsOver(provenMs: number, turn?: () => Promise<boolean>): Promise<Result<number, Failure>>;
  /** What the member is given after a withdrawal. @param waitingTills as headquarters says; null = not known */
  readonly receiptOf: typeof withdrawalReceipt;
  /** What is held here of a member's face; never numbers. */
  heldOf(memberId: MemberId): HeldFaceData;
}

/** Puts the parts together. Reconciles once, before anything reads a template. */
export function createFaceDesk(parts: FaceParts): FaceDesk {
  const { store, keys, log } = parts;
  const first = reconcileFaces(parts);
  if (!first.ok)
    log('error', 'face templates could not be brought in step', { code: first.error.code });
  const templates = createTemplates(parts);
  const underWay: UnderWay = new Set();
  const faceSwitch = createFaceSwitch(parts, templates);
  const pairs = createFacePairs(parts);
  const heldOf: FaceDesk['heldOf'] = (memberId) =>
    heldFaceData(
      enrolledIds(parts, memberId)
        .flatMap((id) => store.faces.ofMember(id))
        .map((row) => {
          const { templateId } = row.template;
          return {
            ...row,
            hasKey: keys.get(templateId) !== undefined,
            comparisons: store.facePairs.countOf(templateId),
          };
        }),
    );
  return {
    templates,
    enrolments: {
      enrol: createEnrol(parts, templates, underWay),
      withdraw: createWithdraw(parts, templates, underWay),
    },
    switch: faceSwitch,
    pairs,
    keeper: {
      look: faceSwitch.look,
      erase: faceSwitch.erase,
      heldOf,
      receiptOf: withdrawalReceipt,
      pairs: pairs.page,
      keys: () => ({ kept: keys.ids(), erased: keys.erasedIds() }),
    },
    sync: {
      rows: templates.rows,
      keys: {
        get: (id) => keys.get(id as TemplateId),
        put: (id, key) => keys.put(id as TemplateId, key),
        erase: (id, reason, atMs) => keys.erase(id as TemplateId, reason, atMs),
        erased: (id) => keys.erased(id as TemplateId),
        ids: () => keys.ids(),
        erasedIds: () => keys.erasedIds(),
      },
      onKey: (id) => templates.keyCame(id as TemplateId),
      // A key that nobody uses is one more that could be lost.
      wantsKeys: faceSwitch.isOn,
    },
    reconcile: (turn) => reconcileInTurns(parts, turn),
    endWhatIsOver(provenMs, turn) {
      pairs.tidy(provenMs);
      return endWhatIsOver(parts, templates, provenMs, turn);
    },
    receiptOf: withdrawalReceipt,
    heldOf,
  };
}
