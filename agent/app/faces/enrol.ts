import {
  err,
  type FaceEnrolment,
  type Failure,
  failure,
  type Member,
  type MemberId,
  ok,
  type Result,
  type TemplateId,
  toInstant,
  UUID_RANDOM_BYTES,
  uuidv7,
} from '../../contract/index.ts';
import { capturesFault, meanCapture } from '../../domain/face-consent/consistent-captures.ts';
import { FACES_FILING_LIMIT } from '../../domain/face-consent/filing-limit.ts';
import { isDuplicate } from '../../domain/face-consent/is-duplicate.ts';
import { sealTemplate, TEMPLATE_KEY_BYTES } from '../../store/face-seal.ts';
import { storageSafe } from '../work.ts';
import { mayEnrol } from './consent.ts';
import { queueEnd } from './end-templates.ts';
import { enrolledIds, type FaceModelInUse, type FaceParts } from './face-parts.ts';
import type { EnrolRequest, FaceEnrolments, FaceGallery } from './ports.ts';
import type { KeptTemplates } from './templates.ts';

const ID_BYTES = 16;
/** Members looked at for a duplicate beyond those who are the member's own accounts. */
const NEAREST_OTHERS = 3;

/** Enrolments under way; a withdrawal that comes meanwhile ends them before they write anything. */
export type UnderWay = Set<{ readonly memberId: MemberId; isWithdrawn: boolean }>;

/**
 * Makes a member's template from what they agreed to. That the member may be enrolled by who stands before the till is the
 * session's to judge (`enrol-biometric`). Fails as {@link mayEnrol}, with `capture-descriptor` for numbers of another model
 * or none, `face-captures` for captures that are not of one person, `face-duplicate` where somebody else is enrolled with
 * this face (who is not told), `face-full` at the filing limit, `face-busy` where the gallery does not
 * answer, `face-withdrawn`, and as the disk does.
 */
export function createEnrol(
  parts: FaceParts,
  templates: Pick<KeptTemplates, 'refresh'>,
  underWay: UnderWay,
): FaceEnrolments['enrol'] {
  const { store, keys, random, clock } = parts;

  function judge(
    request: EnrolRequest,
  ): Result<{ member: Member; inUse: FaceModelInUse }, Failure> {
    const inUse = parts.inUse();
    if (inUse === undefined) return err(failure('face-off'));
    const member = mayEnrol(parts, request, clock.now());
    if (!member.ok) return member;
    const { model, ...shape } = inUse.facts;
    const isModel =
      request.model.modelId === model.modelId && request.model.modelVersion === model.modelVersion;
    if (!isModel) return err(failure('capture-descriptor', 'model', { why: 'other-model' }));
    const fault = capturesFault(request.captures, shape, inUse.limits.pairMax);
    if (fault !== null) return err(failure('face-captures', 'captures', { why: fault }));
    const replaces = store.faces.ofMember(member.value.memberId).length > 0;
    if (!replaces && store.faces.count() >= FACES_FILING_LIMIT) return err(failure('face-full'));
    return ok({ member: member.value, inUse });
  }

  /** Nothing where the gallery does not answer: whether the face is there already is not known then. */
  async function nearest(gallery: FaceGallery, mean: Float32Array, count: number) {
    try {
      return { enrolled: await gallery.size(), near: await gallery.nearest(mean, count) };
    } catch (error) {
      parts.log('warn', 'nobody was enrolled: the gallery does not answer', { why: String(error) });
      return undefined;
    }
  }

  async function enrolOne(
    request: EnrolRequest,
    mean: Float32Array,
    memberId: MemberId,
    { gallery, limits }: FaceModelInUse,
  ): Promise<Result<{ readonly templateId: TemplateId }, Failure>> {
    const own = new Set(enrolledIds(parts, memberId));
    const one = { memberId, isWithdrawn: false };
    underWay.add(one);
    try {
      const looked = await nearest(gallery, mean, own.size + NEAREST_OTHERS);
      if (looked === undefined) return err(failure('face-busy'));
      const { enrolled, near } = looked;
      if (isDuplicate(near, own, limits.duplicateMax(enrolled)))
        return err(failure('face-duplicate'));
      // Everything may have changed while the gallery was searched.
      const again = judge(request);
      if (!again.ok) return again;
      const { member } = again.value;
      if (one.isWithdrawn || member.memberId !== memberId) return err(failure('face-withdrawn'));
      const written = storageSafe(() => write(request, mean, memberId, [...own]));
      if (!written.ok) return written;
      parts.onWritten?.();
      for (const id of own) await templates.refresh(id);
      return ok({ templateId: written.value });
    } finally {
      underWay.delete(one);
    }
  }

  /** Key first, then everything else in one transaction; the keys of templates that this one replaces go last. */
  function write(
    request: EnrolRequest,
    mean: Float32Array,
    memberId: MemberId,
    own: readonly MemberId[],
  ): TemplateId {
    const atMs = clock.now();
    const enrolment = seal(request, mean, memberId, atMs);
    const replaced = own
      .flatMap((id) => store.faces.ofMember(id))
      .map(({ template }) => template.templateId);
    store.transaction(() => {
      store.faces.put(enrolment.template, enrolment.consent);
      store.outbox.append({ kind: 'face-enrolment', atMs, enrolment });
      if (replaced.length === 0) return;
      const by = { channel: 'customer-screen', staffId: request.witnessId } as const;
      queueEnd(parts, { memberId, templateIds: replaced, reason: 'replaced', ...by, atMs });
    });
    for (const id of replaced) keys.erase(id, 'replaced', atMs);
    return enrolment.template.templateId;
  }

  function seal(
    request: EnrolRequest,
    mean: Float32Array,
    memberId: MemberId,
    atMs: number,
  ): FaceEnrolment {
    const { scope, textVersion, language, witnessId, agreedAtMs, model } = request;
    const templateId = Buffer.from(random(ID_BYTES)).toString('hex') as TemplateId;
    const consentId = uuidv7(atMs, random(UUID_RANDOM_BYTES));
    const { storeId } = parts.place().store;
    const { tillId } = store;
    const key = random(TEMPLATE_KEY_BYTES);
    const sealed = sealTemplate({ templateId, memberId, model }, mean, key, random);
    keys.put(templateId, key);
    key.fill(0);
    const common = { memberId, scope, storeId, tillId };
    return {
      consent: {
        consentId,
        ...common,
        textVersion,
        language,
        channel: 'customer-screen',
        witnessId,
        at: toInstant(agreedAtMs),
      },
      template: { templateId, ...common, consentId, model, sealed, at: toInstant(atMs) },
    };
  }

  return async (request) => {
    const judged = judge(request);
    if (!judged.ok) return judged;
    const { member, inUse } = judged.value;
    const mean = meanCapture(request.captures, inUse.facts);
    try {
      return await enrolOne(request, mean, member.memberId, inUse);
    } finally {
      mean.fill(0);
    }
  };
}
