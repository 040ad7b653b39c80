import canonicalize from 'canonicalize';
import { type FaceTemplate, faceTemplateSchema } from '../../../agent/contract/index.ts';
import type { KeyGoneReason } from '../../protocol/face.ts';
import type { SyncDeps } from '../deps.ts';
import type { FacePorts } from '../ports.ts';

/** What is to be told to headquarters and asked for, by template. */
export interface SettledFaces {
  /** Keys that were destroyed since it was last told. */
  readonly gone: Set<string>;
  /** Templates in use whose keys this till lacks. */
  readonly lacking: Set<string>;
}

export interface SettleFaces extends SettledFaces {
  /** Makes templates what the feed has just said of them; what fails of it (StorageError) can be done again. */
  settle(templateIds: Iterable<string>): void;
  /**
   * All of them: at a start, where a crash may have come between the feed and the keys. A template whose fed row is merely
   * not there stays: a check may be about to bring the row, and a key is destroyed for good.
   */
  settleAll(): void;
  /** Headquarters says that they are over. */
  over(templateIds: Iterable<string>): void;
  /** Headquarters has never heard of them: those that another till made, and that no feed brought, are destroyed. */
  unknown(templateIds: Iterable<string>): void;
}

/**
 * Carries the feed's `face` rows to the till's templates and their keys. A key is destroyed before its row goes, so that a
 * crash in between leaves a row that nothing opens.
 */
export function createSettleFaces({
  deps: { store, clock, log },
  faces: { rows, keys, onKey },
}: {
  readonly deps: Pick<SyncDeps, 'store' | 'clock' | 'log'>;
  readonly faces: FacePorts;
}): SettleFaces {
  const gone = new Set<string>();
  const lacking = new Set<string>();

  function destroy(templateId: string, reason: KeyGoneReason): void {
    keys.erase(templateId, reason, clock.now());
    rows.end(templateId);
    gone.add(templateId);
    lacking.delete(templateId);
    log('info', 'the key of a face template was destroyed', { templateId, reason });
  }

  /** A row that is not what was fed is a damaged one: a template never changes. */
  function keep(fed: FaceTemplate): void {
    const { templateId } = fed;
    const here = rows.find(templateId);
    const isMended = here !== undefined && canonicalize(here) !== canonicalize(fed);
    if (isMended) rows.end(templateId);
    if (isMended || here === undefined) rows.put(fed);
    if (keys.get(templateId) === undefined) lacking.add(templateId);
    else if (isMended) onKey?.(templateId);
  }

  function settleOne(templateId: string, isSaid: boolean): void {
    const fed = readTemplate(store.fed('face', templateId), templateId);
    if (fed !== undefined && keys.erased(templateId) === undefined) {
      keep(fed);
      return;
    }
    lacking.delete(templateId);
    if (fed !== undefined) {
      // Headquarters has forgotten that this one is over: it was restored from a backup.
      rows.end(templateId);
      gone.add(templateId);
      return;
    }
    const own = rows.find(templateId);
    const state = store.fedState('face', templateId);
    // A later version of this program may read it.
    if (state === 'aside') return;
    const isTold = state === 'gone';
    // Enrolled here, and headquarters has yet to hear of it.
    if (own?.tillId === store.tillId && !isTold) return;
    if (!isTold && !isSaid) return;
    // A key without a row is of an enrolment that is being written.
    if (own === undefined && (!isTold || keys.get(templateId) === undefined)) return;
    destroy(templateId, isTold ? 'told' : 'not-fed');
  }

  return {
    gone,
    lacking,
    settle(templateIds) {
      for (const templateId of templateIds) settleOne(templateId, true);
    },
    settleAll() {
      for (const id of new Set([...store.fedKeys('face'), ...rows.ids(), ...keys.ids()]))
        settleOne(id, false);
    },
    over(templateIds) {
      for (const templateId of templateIds)
        if (keys.erased(templateId) === undefined) destroy(templateId, 'told');
    },
    unknown(templateIds) {
      for (const templateId of templateIds) settleOne(templateId, true);
    },
  };
}

function readTemplate(body: string | undefined, templateId: string): FaceTemplate | undefined {
  if (body === undefined) return undefined;
  const read = faceTemplateSchema.safeParse(JSON.parse(body));
  return read.success && read.data.templateId === templateId ? read.data : undefined;
}
