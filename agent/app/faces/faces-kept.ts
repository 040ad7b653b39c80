import {
  FACE_ENDS_SHOWN_MAX,
  type FaceEndShown,
  type FaceOverview,
  type FaceWithdrawal,
} from '../../contract/index.ts';
import type { Store } from '../../store/store.ts';
import type { FaceDeps } from './ports.ts';

/** Templates looked at before the till does something else. */
const LOOKED_AT_A_TIME = 200;

/** What lies at a till of faces, as far as it takes a look at each one. */
export type FacesKept = Pick<FaceOverview, 'templates' | 'keys'> & {
  /** Rows whose key is destroyed. */
  readonly unfinished: number;
};

/**
 * How many templates and keys lie at a till, and what keeps templates from being used. Opens and forgets each one.
 * @param breathe lets the till do something else, asked for again and again
 */
export async function lookAtFaces(
  deps: FaceDeps,
  breathe: () => Promise<void>,
): Promise<FacesKept> {
  const templates = { usable: 0, withoutKey: 0, damaged: 0, otherModel: 0 };
  const keys = deps.keeper?.keys();
  const erased = new Set(keys?.erased);
  let [looked, unfinished] = [0, 0];
  for (const one of deps.templates.openAll(deps.model.model)) {
    if (erased.has(one.templateId)) unfinished += 1;
    if (!('refused' in one)) {
      one.descriptor.fill(0);
      templates.usable += 1;
    } else if (one.refused === 'no-key') templates.withoutKey += 1;
    else if (one.refused === 'damaged') templates.damaged += 1;
    else templates.otherModel += 1;
    looked += 1;
    if (looked % LOOKED_AT_A_TIME === 0) await breathe();
  }
  return {
    templates,
    keys: { kept: keys?.kept.length ?? 0, erased: erased.size },
    unfinished,
  };
}

/** What was ended here and headquarters has not heard of yet. */
export function endsWaiting(store: Store): Omit<FaceOverview['ends'], 'unfinished'> {
  return {
    waiting: store.faces.endsWaitingFirst(FACE_ENDS_SHOWN_MAX).map(toShown),
    waitingInAll: store.faces.endsWaiting(),
  };
}

function toShown({ withdrawalId, at, reason, channel, templateIds }: FaceWithdrawal): FaceEndShown {
  return { withdrawalId, at, reason, channel, destroyed: templateIds.length };
}
