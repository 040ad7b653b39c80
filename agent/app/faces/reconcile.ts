import {
  FACE_END_REASONS,
  type FaceEndReason,
  type FaceTemplate,
  type Failure,
  faceTemplateSchema,
  type MemberId,
  ok,
  type Result,
  type TemplateId,
} from '../../contract/index.ts';
import type { FaceRow } from '../../store/store.ts';
import type { KeyEnd } from '../../store/template-keys/template-keys.ts';
import { storageSafe } from '../work.ts';
import { endTemplates, type TemplatesEnd } from './end-templates.ts';
import { aliveId, enrolledIds, type FaceParts } from './face-parts.ts';

/** Rows, keys or ends looked at before the till may go on with something else. */
export const RECONCILE_SLICE = 500;

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
 * an old database never brings a template back. In one go, at the start; safe to repeat.
 */
export function reconcileFaces(parts: FaceParts): Result<Reconciled, Failure> {
  const steps = reconcileSteps(parts);
  for (;;) {
    const step = storageSafe(() => steps.next());
    if (!step.ok) return step;
    if (step.value.done === true) return step.value.value;
  }
}

/**
 * The same while the till serves people: in slices of {@link RECONCILE_SLICE}, between which it goes on.
 * @param turn gives the till its turn after each slice; false = stop, and the rest is left to the next time
 */
export async function reconcileInTurns(
  parts: FaceParts,
  turn: () => Promise<boolean>,
): Promise<Result<Reconciled | undefined, Failure>> {
  const steps = reconcileSteps(parts);
  for (;;) {
    const step = storageSafe(() => steps.next());
    if (!step.ok) return step;
    if (step.value.done === true) return step.value.value;
    if (!(await turn())) return ok(undefined);
  }
}

/** What was read before a slice may be old by its end: whatever looks wrong by it is asked again before it is put right. */
function* reconcileSteps(
  parts: FaceParts,
): Generator<undefined, Result<Reconciled, Failure>, undefined> {
  const { store, keys, log } = parts;
  const queued = store.faces.queued();
  const cutOff: { readonly id: TemplateId; readonly memberId: MemberId; readonly end: KeyEnd }[] =
    [];
  // Read at once: a question for each of 100,000 templates takes seconds.
  const kept = new Set(keys.ids());
  const ended = new Set(keys.erasedIds());
  const seen = new Set<TemplateId>();
  const found = { keysErased: 0, ended: 0, dropped: 0, toldAgain: 0, putBack: 0 };

  /** Headquarters ended it, or has heard of its end: nobody has to be told. */
  const isSettled = (id: TemplateId, { reason }: KeyEnd): boolean =>
    !isOwnReason(reason) || queued.ended.has(id);

  const isQueued = (id: TemplateId): boolean =>
    queued.enrolled.has(id) || store.faces.queuedEnrolment(id) !== undefined;

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
    if (!kept.has(id) && keys.get(id) === undefined) {
      // The key of one that is fed may yet come from another till.
      if (!isOwn || isFed()) return;
      store.faces.remove(id);
      found.dropped += 1;
      return;
    }
    if (!isOwn || consent === null || isQueued(id) || isFed()) return;
    const enrolment = { consent, template };
    store.outbox.append({ kind: 'face-enrolment', atMs: Date.parse(template.at), enrolment });
    found.toldAgain += 1;
  }

  function settleKey(id: TemplateId): void {
    if (store.faces.find(id) !== undefined || keys.get(id) === undefined) return;
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
    const page = store.faces.after(after, RECONCILE_SLICE);
    for (const row of page) {
      seen.add(row.template.templateId);
      settleRow(row);
    }
    after = page.at(-1)?.template.templateId ?? after;
    yield;
    if (page.length < RECONCILE_SLICE) break;
  }
  const alone = [...kept].filter((id) => !seen.has(id));
  // Each costs flushes of the disk.
  yield* inSlices(alone, 1, settleKey);
  yield* inSlices([...ended], RECONCILE_SLICE, settleErased);
  for (const end of endsOf(parts, cutOff)) {
    const done = endTemplates(parts, end);
    if (!done.ok) return done;
    yield;
  }
  if (Object.values(found).some((count) => count > 0)) {
    log('warn', 'face templates and their keys were brought in step', found);
    parts.onWritten?.();
  }
  return ok(found);
}

/** Settles one after the other, with a pause after so many. */
function* inSlices(
  ids: readonly TemplateId[],
  slice: number,
  settle: (id: TemplateId) => void,
): Generator<undefined> {
  for (const [nth, id] of ids.entries()) {
    settle(id);
    if ((nth + 1) % slice === 0) yield;
  }
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
