import {
  FACE_END_REASONS,
  type FaceEndReason,
  type FaceTemplate,
  type Failure,
  faceTemplateSchema,
  type MemberId,
  type Result,
  type TemplateId,
} from '../../contract/index.ts';
import type { FaceRow } from '../../store/store.ts';
import type { KeyEnd } from '../../store/template-keys/template-keys.ts';
import { storageSafe } from '../work.ts';
import { endTemplates, type TemplatesEnd } from './end-templates.ts';
import { aliveId, enrolledIds, type FaceParts } from './face-parts.ts';

/** Rows read at a time. */
const PAGE_ROWS = 500;

/** What was put right. */
export interface Reconciled {
  /** Keys of enrolments that were cut off before their row, or of rows that the database forgot. */
  readonly keysErased: number;
  /** Templates whose end was cut off behind their key, or forgotten by a database put back from a backup. */
  readonly ended: number;
  /** Rows that nothing opens any more; their members may enrol again. */
  readonly dropped: number;
  /** Enrolments that headquarters has not heard of and that nothing told it: rows of the outbox that were lost. */
  readonly toldAgain: number;
  /** Rows that were lost with a page of the database and that the outbox still tells of. */
  readonly putBack: number;
}

/** Why all templates of a member end, not only those that are named. */
const EMBRACES_ALL: readonly FaceEndReason[] = ['withdrawn', 'minor', 'membership-ended'];

/**
 * Brings templates and keys in step, which lie in two files and are written one after the other. What is destroyed counts:
 * an old database never brings a template back. At the start, and whenever nothing is being enrolled; safe to repeat.
 */
export function reconcileFaces(parts: FaceParts): Result<Reconciled, Failure> {
  const { store, keys, log } = parts;
  const done = storageSafe(() => {
    const queued = store.faces.queued();
    const cutOff: { readonly id: TemplateId; readonly memberId: MemberId; readonly end: KeyEnd }[] =
      [];
    // Read at once: a question for each of 100,000 templates holds the till up for seconds.
    const kept = new Set(keys.ids());
    const ended = new Set(keys.erasedIds());
    const found = { keysErased: 0, ended: 0, dropped: 0, toldAgain: 0, putBack: 0 };

    /** Headquarters ended it, or has heard of its end: nobody has to be told. */
    const isSettled = (id: TemplateId, { reason }: KeyEnd): boolean =>
      !isOwnReason(reason) || queued.ended.has(id);

    function settleRow({ template, consent }: FaceRow): void {
      const id = template.templateId;
      const said = queued.ended.get(id);
      // Its end was written, and a row that came back with it says nothing.
      if (said !== undefined) keys.erase(id, said.reason, Date.parse(said.at));
      const end = said !== undefined || ended.has(id) ? keys.erased(id) : undefined;
      if (end !== undefined) {
        found.ended += 1;
        if (isSettled(id, end)) store.faces.remove(id);
        else cutOff.push({ id, memberId: template.memberId, end });
        return;
      }
      const isOwn = template.tillId === store.tillId;
      const isFed = (): boolean => store.sync.fedState('face', id) === 'there';
      if (!kept.has(id)) {
        // The key of one that is fed may yet come from another till.
        if (!isOwn || isFed()) return;
        store.faces.remove(id);
        found.dropped += 1;
        return;
      }
      if (!isOwn || consent === null || queued.enrolled.has(id) || isFed()) return;
      const enrolment = { consent, template };
      store.outbox.append({ kind: 'face-enrolment', atMs: Date.parse(template.at), enrolment });
      found.toldAgain += 1;
    }

    function settleKey(id: TemplateId): void {
      const said = queued.ended.get(id);
      // Row and outbox are written together: the row was lost with a page of the database.
      const isLost = said === undefined && queued.enrolled.has(id);
      const lost = isLost ? store.faces.queuedEnrolment(id) : undefined;
      if (lost !== undefined) {
        store.faces.put(lost.template, lost.consent);
        found.putBack += 1;
        return;
      }
      // Sync makes the row of one that is fed; what is fed is not known before the first copy is here.
      if (said === undefined && (store.sync.fedState('face', id) === 'there' || lacksCopy(parts)))
        return;
      keys.erase(id, said?.reason ?? 'not-fed', parts.clock.now());
      found.keysErased += 1;
    }

    /** Its row is gone here and the outbox that told of it was lost, but headquarters feeds it still. */
    function settleErased(id: TemplateId): void {
      const end = keys.erased(id);
      if (end === undefined || isSettled(id, end) || store.faces.find(id) !== undefined) return;
      const fed = fedTemplate(store.sync.fed('face', id));
      if (fed !== undefined) cutOff.push({ id, memberId: fed.memberId, end });
    }

    for (let after = ''; ; ) {
      const page = store.faces.after(after, PAGE_ROWS);
      for (const row of page) settleRow(row);
      after = page.at(-1)?.template.templateId ?? after;
      if (page.length < PAGE_ROWS) break;
    }
    const rows = new Set(store.faces.ids());
    for (const id of keys.ids()) if (!rows.has(id)) settleKey(id);
    for (const id of keys.erasedIds()) settleErased(id);
    return { found, ends: endsOf(parts, cutOff) };
  });
  if (!done.ok) return done;
  for (const end of done.value.ends) {
    const ended = endTemplates(parts, end);
    if (!ended.ok) return ended;
  }
  const { found } = done.value;
  if (Object.values(found).some((count) => count > 0)) {
    log('warn', 'face templates and their keys were brought in step', found);
    parts.onWritten?.();
  }
  return { ok: true, value: found };
}

/** The ends that were cut off, as they would have been: one for each member, reason and time. */
function endsOf(
  parts: FaceParts,
  cutOff: readonly { readonly id: TemplateId; readonly memberId: MemberId; readonly end: KeyEnd }[],
): TemplatesEnd[] {
  const ends = new Map<string, TemplatesEnd & { templateIds: TemplateId[] }>();
  for (const { id, memberId: enrolledAs, end } of cutOff) {
    if (!isOwnReason(end.reason)) continue;
    const memberId = aliveId(parts, enrolledAs);
    const name = JSON.stringify([memberId, end.reason, end.atMs]);
    const known = ends.get(name);
    if (known === undefined)
      ends.set(name, {
        memberId,
        templateIds: [id],
        reason: end.reason,
        // Whose hand it was went with the row that was not written.
        channel: 'rule',
        staffId: null,
        atMs: end.atMs,
      });
    else known.templateIds.push(id);
  }
  return [...ends.values()].map((end) => ({
    ...end,
    templateIds: [...new Set([...end.templateIds, ...alsoEnded(parts, end)])],
  }));
}

/** Further templates of a member who took the consent back: the crash came before their keys. */
function alsoEnded(parts: FaceParts, { memberId, reason, atMs }: TemplatesEnd): TemplateId[] {
  if (!EMBRACES_ALL.includes(reason)) return [];
  return enrolledIds(parts, memberId)
    .flatMap((id) => parts.store.faces.ofMember(id))
    .filter(({ template }) => Date.parse(template.at) <= atMs)
    .map(({ template }) => template.templateId);
}

function lacksCopy({ store }: Pick<FaceParts, 'store'>): boolean {
  return store.sync.registration() !== undefined && store.sync.cursor() === undefined;
}

function isOwnReason(reason: KeyEnd['reason']): reason is FaceEndReason {
  return (FACE_END_REASONS as readonly string[]).includes(reason);
}

function fedTemplate(body: string | undefined): FaceTemplate | undefined {
  const read = faceTemplateSchema.safeParse(body === undefined ? undefined : JSON.parse(body));
  return read.success ? read.data : undefined;
}
