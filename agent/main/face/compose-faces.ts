import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModelManifest } from '../../../drivers/face/model-manifest.ts';
import {
  createLivenessDriver,
  type LivenessDefinition,
} from '../../../drivers/liveness/registry.ts';
import { clockMemory } from '../../app/clock-guard.ts';
import type { Clock, Timers } from '../../app/deps.ts';
import { createFaceDesk, type FaceDesk } from '../../app/faces/create-face-desk.ts';
import type { FaceModelInUse, FaceParts } from '../../app/faces/face-parts.ts';
import { createLivenessDesk, type LivenessDesk } from '../../app/faces/liveness-desk.ts';
import type { FaceDeps, FaceGallery, OpenTemplate } from '../../app/faces/ports.ts';
import type { Failure, Result } from '../../contract/index.ts';
import { duplicateLimit } from '../../domain/face-consent/duplicate-limit.ts';
import { createFaceGallery } from './gallery-client.ts';
import { modelFacts } from './model-facts.ts';

/** The source of evidence from the capture page. */
const CAMERA = 'face-camera';
/** What time ends is looked for so often, in milliseconds; an hour of templates fits one look. */
export const FACES_TIDIED_MS = 60 * 60_000;

export interface ComposeFacesOptions extends Omit<FaceParts, 'inUse'> {
  /** Absent = the model that is configured cannot be used: templates are kept, withdrawn and fed, and never compared. */
  readonly manifest: ModelManifest | undefined;
  /** Whether pages load the model from the store's pack. */
  readonly isPack?: boolean;
  /** Whether the page at the camera simulates one. */
  readonly isCameraSimulated?: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The detector of attacks that the settings name; absent = there is none. */
  readonly livenessDetector?: LivenessDefinition | undefined;
}

/** The faces of a till, wired. */
export interface ComposedFaces {
  readonly desk: FaceDesk;
  /** For `TillDeps.faces`; absent without a model. */
  readonly deps: FaceDeps | undefined;
  close(): Promise<void>;
}

/** Puts the faces of a till together. The gallery's thread begins with the first question to it. */
export function composeFaces(options: ComposeFacesOptions): ComposedFaces {
  const { manifest, timers, log } = options;
  const model = manifest && modelInUse(manifest);
  const desk: FaceDesk = createFaceDesk({ ...options, inUse: () => model?.inUse });
  const detector = model && livenessDesk(options);
  let closing = false;
  let tidied = Promise.resolve();
  let timer = timers.set(FACES_TIDIED_MS, tidy);

  function modelInUse(from: ModelManifest) {
    const { enrolPairMax, thresholds } = from.calibration;
    const facts = modelFacts(from);
    function* usable(): Generator<OpenTemplate> {
      for (const one of desk.templates.openAll(facts.model)) if (!('refused' in one)) yield one;
    }
    const { gallery, forget } = lazyGallery(() =>
      createFaceGallery({ manifest: from, timers, log, templates: usable }),
    );
    const inUse: FaceModelInUse = {
      facts,
      limits: {
        pairMax: enrolPairMax,
        duplicateMax: (enrolled) => duplicateLimit(thresholds, enrolled),
      },
      gallery,
      forget,
    };
    return { facts, inUse };
  }

  function tidy(): void {
    timer = timers.set(FACES_TIDIED_MS, tidy);
    tidied = tidied.then(tidyOnce);
  }

  async function tidyOnce(): Promise<void> {
    const report = (done: Result<unknown, Failure>): void => {
      if (!done.ok) log('error', 'housekeeping of faces failed', { code: done.error.code });
    };
    if (closing) return;
    const turn = async (): Promise<boolean> => {
      await nextTurn();
      return !closing;
    };
    report(await desk.reconcile(turn));
    // Noted every minute; a till that has seen no time pass ends nothing.
    const provenMs = closing ? undefined : clockMemory(options.store.meta).getProven();
    if (provenMs !== undefined) report(await desk.endWhatIsOver(provenMs, turn));
  }

  return {
    desk,
    deps: model && {
      model: model.facts,
      isPack: options.isPack ?? false,
      isCameraSimulated: options.isCameraSimulated ?? false,
      gallery: model.inUse.gallery,
      templates: desk.templates,
      enrolments: desk.enrolments,
      keeper: desk.keeper,
      pairs: desk.pairs,
      liveness: detector,
      deviceId: CAMERA,
    },
    async close() {
      timers.clear(timer);
      closing = true;
      await tidied;
      await detector?.close();
      await model?.inUse.forget();
    },
  };
}

/** The detector behind its desk; a driver's timers name the work first. */
function livenessDesk(options: ComposeFacesOptions): LivenessDesk | undefined {
  const { livenessDetector, timers } = options;
  if (livenessDetector === undefined) return undefined;
  const driverTimers = {
    set: (run: () => void, delayMs: number) => timers.set(delayMs, run),
    clear: timers.clear,
  };
  return createLivenessDesk({
    ...options,
    make: (sink) => createLivenessDriver(livenessDetector, { timers: driverTimers }, sink),
  });
}

/** A gallery that is made when it is first asked, and anew after it was made to forget. */
function lazyGallery(make: () => FaceGallery): {
  readonly gallery: FaceGallery;
  readonly forget: () => Promise<void>;
} {
  let made: FaceGallery | undefined;
  const there = (): FaceGallery => {
    made ??= make();
    return made;
  };
  const forget = async (): Promise<void> => {
    const gone = made;
    made = undefined;
    await gone?.close();
  };
  return {
    forget,
    gallery: {
      put: (template) => there().put(template),
      remove: async (memberId) => made?.remove(memberId),
      nearest: (probe, count) => there().nearest(probe, count),
      distance: (memberId, probe) => there().distance(memberId, probe),
      size: () => there().size(),
      close: forget,
    },
  };
}
