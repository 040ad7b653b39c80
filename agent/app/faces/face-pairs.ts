import type { FacePair } from '../../store/repositories/face-pairs.ts';
import { storageSafe } from '../work.ts';
import type { FaceParts } from './face-parts.ts';
import type { FacePairs } from './ports.ts';

/** Days that a pair is kept; templates end after a year without a visit, too. */
export const FACE_PAIRS_KEPT_DAYS = 365;
const DAY_MS = 86_400_000;
/** Pairs of one page: a hundred bytes each, which an answer to the operator's tool has room for. */
export const FACE_PAIRS_PAGE = 400;

/** Pairs of this till as they are kept. */
export interface KeptPairs extends FacePairs {
  /** Ends what was kept for its time. Fails as the disk does, silently: the next look does it. */
  tidy(provenMs: number): void;
  /** At most {@link FACE_PAIRS_PAGE}, from behind number `after`; no id of a member or template. */
  page(after: number): readonly (FacePair & { readonly no: number })[];
}

/** Which is another one's template, uniformly, by 32 random bits: over 100,000 of them the bias is no matter. */
function placeOf(bytes: Uint8Array, count: number): number {
  return Buffer.from(bytes).readUInt32BE() % count;
}

/** Four digits say all that a threshold needs, and too little of the descriptors. */
function rounded(distance: number): number {
  return Math.round(distance * 10_000) / 10_000;
}

export function createFacePairs(parts: FaceParts): KeptPairs {
  const { store, log, random, clock } = parts;

  function write(run: () => void): void {
    const done = storageSafe(() => store.transaction(run));
    // What is missing here is a row of a statistic: nobody is kept from paying for it.
    if (!done.ok) log('warn', 'a pair of faces could not be noted', { code: done.error.code });
  }

  return {
    anybody() {
      const count = store.faces.count();
      return count === 0 ? undefined : store.faces.memberAt(placeOf(random(4), count));
    },
    note({ enrolledAs, own, other }) {
      const model = parts.inUse()?.facts.model;
      if (model === undefined) return;
      const { modelId, modelVersion } = model;
      // The newest of this model is what the gallery compared with.
      const row = store.faces
        .ofMember(enrolledAs)
        .findLast(
          ({ template }) =>
            template.model.modelId === modelId && template.model.modelVersion === modelVersion,
        );
      if (row === undefined) return;
      const pair = {
        modelId,
        modelVersion,
        atMs: clock.now(),
        own: rounded(own),
        other: other === null ? null : rounded(other),
      };
      write(() => store.facePairs.add(row.template.templateId, pair));
    },
    tidy: (provenMs) =>
      write(() => void store.facePairs.pruneBefore(provenMs - FACE_PAIRS_KEPT_DAYS * DAY_MS)),
    page: (after) => store.facePairs.after(after, FACE_PAIRS_PAGE),
  };
}
