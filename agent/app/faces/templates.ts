import type { FaceRows } from '../../../sync/client/ports.ts';
import {
  err,
  type FaceModel,
  type FaceTemplate,
  type MemberId,
  ok,
  type Result,
  type TemplateId,
} from '../../contract/index.ts';
import { openTemplate } from '../../store/face-seal.ts';
import { storageSafe } from '../work.ts';
import { facesOn } from './consent.ts';
import { dayOf, enrolledIds, type FaceParts } from './face-parts.ts';
import type { FaceTemplates, OpenTemplate } from './ports.ts';

/** Rows read at a time. */
const PAGE_ROWS = 500;
/** Templates of which it is remembered that their key opens them; the oldest gives way. */
export const PROVEN_MAX = 1_000;

/** Why a template is not used; the member is offered to enrol again. */
export type TemplateRefused = 'no-key' | 'damaged' | 'other-model';

/** The templates of this till, and the gallery kept in step with them. */
export interface KeptTemplates extends FaceTemplates {
  readonly enrolledAs: NonNullable<FaceTemplates['enrolledAs']>;
  /** For sync: rows that headquarters feeds or ends. */
  readonly rows: FaceRows;
  /** Brings one member's place in the gallery in step with what is kept. Never rejects. */
  refresh(enrolledAs: MemberId): Promise<void>;
  /** The same for a template whose key has come. */
  keyCame(templateId: TemplateId): void;
}

export function createTemplates(parts: FaceParts): KeptTemplates {
  const { store, keys, log } = parts;

  function open(template: FaceTemplate, model: FaceModel): Result<OpenTemplate, TemplateRefused> {
    const { templateId, memberId } = template;
    const { modelId, modelVersion } = template.model;
    if (modelId !== model.modelId || modelVersion !== model.modelVersion) return err('other-model');
    const key = keys.get(templateId);
    if (key === undefined) return err('no-key');
    const opened = openTemplate(template, key);
    key.fill(0);
    if (!opened.ok) return opened;
    return ok({ templateId, memberId, model: template.model, descriptor: opened.value });
  }

  /** A consent for one store says nothing in another. */
  function isInScope({ scope, storeId }: FaceTemplate): boolean {
    return scope === 'chain' || storeId === parts.place().store.storeId;
  }

  /** The newest one that may be used; what is not returned is overwritten. */
  function current(memberId: MemberId, model: FaceModel) {
    for (const { template } of store.faces.ofMember(memberId).reverse()) {
      if (!isInScope(template)) continue;
      const opened = open(template, model);
      if (opened.ok) return { template, opened: opened.value };
    }
    return undefined;
  }

  /** Sealed texts that their keys have opened, by template: the numbers need not lie in clear for each decision. */
  const proven = new Map<TemplateId, string>();

  /** Whether the template opens, without its numbers wherever that is known. The key is looked for each time. */
  function opens(template: FaceTemplate, model: FaceModel): boolean {
    const { templateId, sealed } = template;
    const { modelId, modelVersion } = template.model;
    const key = keys.get(templateId);
    key?.fill(0);
    const isKnown = key !== undefined && proven.get(templateId) === sealed;
    if (isKnown && modelId === model.modelId && modelVersion === model.modelVersion) return true;
    proven.delete(templateId);
    const opened = open(template, model);
    if (!opened.ok) return false;
    opened.value.descriptor.fill(0);
    const [oldest] = proven.keys();
    if (proven.size >= PROVEN_MAX && oldest !== undefined) proven.delete(oldest);
    proven.set(templateId, sealed);
    return true;
  }

  async function refresh(enrolledAs: MemberId): Promise<void> {
    const inUse = parts.inUse();
    // Switched off, the gallery is empty, and fills itself when it is asked again.
    if (inUse === undefined || !facesOn(parts).ok) return;
    try {
      const found = current(enrolledAs, inUse.facts.model);
      if (found === undefined) return await inUse.gallery.remove(enrolledAs);
      const put = await inUse.gallery.put(found.opened);
      found.opened.descriptor.fill(0);
      if (!put.ok) log('error', 'a face template is not in the gallery', { code: put.error.code });
    } catch (error) {
      log('error', 'the gallery of faces does not answer', { error: String(error) });
    }
  }

  function* openAll(model: FaceModel): ReturnType<FaceTemplates['openAll']> {
    for (let after = ''; ; ) {
      const page = store.faces.after(after, PAGE_ROWS);
      for (const { template } of page) {
        const { templateId, memberId } = template;
        after = templateId;
        if (!isInScope(template)) continue;
        const opened = open(template, model);
        yield opened.ok ? opened.value : { templateId, memberId, refused: opened.error };
      }
      if (page.length < PAGE_ROWS) return;
    }
  }

  return {
    openAll,
    refresh,
    enrolledAs: (memberId) => enrolledIds(parts, memberId),
    enrolledScope(memberId) {
      const model = parts.inUse()?.facts.model;
      if (model === undefined) return undefined;
      const rows = store.faces.ofMember(memberId).reverse();
      const found = rows.find(({ template }) => isInScope(template) && opens(template, model));
      return found?.template.scope;
    },
    seen(memberId) {
      const day = dayOf(parts, parts.clock.now());
      const noted = storageSafe(() => {
        for (const { template, seenOn } of store.faces.ofMember(memberId))
          if ((seenOn ?? '') < day) store.faces.seen(template.templateId, day);
      });
      // It is written at the next visit; to recognise somebody must not fail for it.
      if (!noted.ok) log('warn', 'a visit was not noted', { code: noted.error.code });
    },
    count: () => store.faces.count(),
    keyCame(templateId) {
      const row = store.faces.find(templateId);
      if (row !== undefined) void refresh(row.template.memberId);
    },
    rows: {
      find: (id) => store.faces.find(id as TemplateId)?.template,
      ids: () => store.faces.ids(),
      put(template) {
        store.faces.put(template, null);
        if (keys.get(template.templateId) !== undefined) void refresh(template.memberId);
      },
      end(id) {
        const row = store.faces.find(id as TemplateId);
        if (row === undefined) return;
        store.faces.remove(row.template.templateId);
        proven.delete(row.template.templateId);
        void refresh(row.template.memberId);
      },
      opens(template, key) {
        const opened = openTemplate(template, key);
        if (opened.ok) opened.value.fill(0);
        return opened.ok;
      },
    },
  };
}
