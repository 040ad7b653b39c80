import { setImmediate as nextTurn } from 'node:timers/promises';
import { descriptorFault } from '../../../drivers/face/descriptor.ts';
import type { ModelManifest } from '../../../drivers/face/model-manifest.ts';
import type { FaceGallery, NearMember, OpenTemplate } from '../../app/faces/ports.ts';
import { err, failure, type MemberId, ok, type Result } from '../../contract/index.ts';
import { GALLERY_MAX, isComparable } from '../../domain/face/gallery.ts';
import { type GalleryThread, LOAD_SLICE, startGalleryThread } from './gallery-thread.ts';

/** Searches that may wait for the thread at once; a camera of eight frames a second never has more than two. */
export const GALLERY_SEARCHES_MAX = 32;
/** Templates that may wait to be kept. */
export const GALLERY_PUTS_MAX = 256;
/** People that one search answers, at most. */
export const GALLERY_SHORTLIST_MAX = 100;
/** First and longest wait before a thread that ended is started again, in milliseconds. */
export const GALLERY_FIRST_MS = 1_000;
export const GALLERY_LONGEST_MS = 60_000;

/** Why a search has no answer: no descriptor of this model; too many wait; the thread ended and comes back; all is over. */
export interface GalleryRefusal {
  readonly code: 'bad-probe' | 'busy' | 'stopped' | 'closed';
}

export interface FaceGalleryOptions {
  readonly manifest: ModelManifest;
  /**
   * All templates that may be used, read in slices whenever the thread starts, between which the till goes on; those that
   * cannot be compared are left out. Their numbers are overwritten once they are taken.
   */
  readonly templates: () => Iterable<OpenTemplate>;
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  readonly log: (
    level: 'info' | 'warn',
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ) => void;
  /** Templates at most; default {@link GALLERY_MAX}. */
  readonly maxPeople?: number;
  /** The thread's file, where it is not the one beside this one. */
  readonly workerUrl?: URL;
}

/**
 * What the port's searches reject with. Nobody found would be a wrong answer: an enrolment would miss that the face is
 * there already, and a member would be told that it is not them.
 */
export class GalleryUnanswered extends Error {
  readonly code: GalleryRefusal['code'];

  constructor(code: GalleryRefusal['code']) {
    super(`the gallery of faces does not answer: ${code}`);
    this.name = 'GalleryUnanswered';
    this.code = code;
  }
}

/** The port, and its searches with the reason as a value where there is no answer. */
export interface ThreadGallery extends FaceGallery {
  search(
    probe: Float32Array,
    count: number,
  ): Promise<Result<readonly NearMember[], GalleryRefusal>>;
  compare(
    memberId: MemberId,
    probe: Float32Array,
  ): Promise<Result<number | undefined, GalleryRefusal>>;
}

/**
 * The gallery in a thread of its own. What is asked while it is filled waits, in its order, so that nobody is missed. A
 * thread that ends is started again and filled from `templates`; until then nothing is searched or taken, and the log says
 * why.
 */
export function createFaceGallery(options: FaceGalleryOptions): ThreadGallery {
  const { manifest, timers, log, maxPeople = GALLERY_MAX } = options;
  const { dimensions } = manifest;
  let thread: GalleryThread | undefined;
  /** The thread once it has all templates; undefined where it never came so far. */
  let filled: Promise<GalleryThread | undefined> = Promise.resolve(undefined);
  let closed = false;
  let waitMs = GALLERY_FIRST_MS;
  let timer: unknown;
  let searches = 0;
  let puts = 0;

  function start(): void {
    const started = startGalleryThread({ dimensions, maxPeople }, options.workerUrl, (why) => {
      thread = undefined;
      if (closed) return;
      log('warn', 'the thread that searches faces ended; it is started again', { why, waitMs });
      timer = timers.set(waitMs, start);
      waitMs = Math.min(waitMs * 2, GALLERY_LONGEST_MS);
    });
    thread = started;
    filled = fill(started);
  }

  /** Without waiting where one slice holds all. */
  async function fill(started: GalleryThread): Promise<GalleryThread | undefined> {
    const all = usable();
    let templates = 0;
    try {
      for (;;) {
        const taken = started.load(all);
        templates += taken;
        if (taken < LOAD_SLICE) break;
        await nextTurn();
        if (closed || thread !== started) return undefined;
      }
      log('info', 'the gallery of faces is filled', { templates });
      return started;
    } catch (error) {
      // A database that cannot be read stops faces and nothing else; the ended thread is started again like any other.
      log('warn', 'the templates of faces cannot be read', { why: String(error) });
      if (thread === started) thread = undefined;
      started.terminate();
      return undefined;
    } finally {
      all.return();
    }
  }

  function* usable() {
    for (const { memberId, model, descriptor } of options.templates()) {
      const fault = descriptorFault(manifest, { ...model, values: descriptor });
      try {
        if (fault === null) yield { person: memberId as string, template: descriptor };
        else log('warn', 'a template is left out of the gallery', { fault });
      } finally {
        // Also where the filling stops here.
        descriptor.fill(0);
      }
    }
  }

  async function asked<T>(
    probe: Float32Array,
    ask: (thread: GalleryThread, probe: Float32Array) => Promise<T | undefined>,
  ): Promise<Result<T, GalleryRefusal>> {
    if (closed) return refuse('closed');
    if (!isComparable(probe, dimensions)) return refuse('bad-probe');
    if (thread === undefined) return refuse('stopped');
    if (searches >= GALLERY_SEARCHES_MAX) return refuse('busy');
    searches++;
    // A copy moves, so that the caller keeps the frame's numbers for the next question.
    const sent = probe.slice();
    const to = await filled;
    const answer = to && (await ask(to, sent));
    searches--;
    if (answer === undefined) return refuse(closed ? 'closed' : 'stopped');
    // Whatever ended the thread before is over.
    waitMs = GALLERY_FIRST_MS;
    return ok(answer);
  }

  function orThrow<T>(result: Result<T, GalleryRefusal>): T {
    if (result.ok) return result.value;
    log('warn', 'a search for a face had no answer', { code: result.error.code });
    throw new GalleryUnanswered(result.error.code);
  }

  async function search(probe: Float32Array, count: number) {
    const most = Math.min(count, GALLERY_SHORTLIST_MAX);
    const found = await asked(probe, (to, sent) =>
      to.ask<'nearest'>({ call: 'nearest', probe: sent, count: most }),
    );
    if (!found.ok) return found;
    return ok(
      found.value.map(({ person, distance }) => ({ memberId: person as MemberId, distance })),
    );
  }

  async function compare(memberId: MemberId, probe: Float32Array) {
    const found = await asked(probe, (to, sent) =>
      to.ask<'distance'>({ call: 'distance', person: memberId, probe: sent }),
    );
    return found.ok ? ok(found.value ?? undefined) : found;
  }

  start();
  return {
    search,
    compare,
    async put({ memberId, model, descriptor }) {
      const fault = descriptorFault(manifest, { ...model, values: descriptor });
      if (fault !== null) return err(failure('invalid-input', 'descriptor', { fault }));
      if (closed || thread === undefined || puts >= GALLERY_PUTS_MAX)
        return err(failure('busy', 'gallery'));
      puts++;
      const template = descriptor.slice();
      const to = await filled;
      const isKept = await to?.ask<'put'>({ call: 'put', person: memberId, template });
      puts--;
      if (isKept === undefined) return err(failure('busy', 'gallery'));
      return isKept
        ? ok(undefined)
        : err(failure('invalid-input', 'gallery', { fault: 'full', maxPeople }));
    },
    async remove(memberId) {
      // Never refused, whatever waits. A thread that has ended took its memory along, and is filled from what is kept.
      const to = await filled;
      await to?.ask<'remove'>({ call: 'remove', person: memberId });
    },
    nearest: async (probe, count) => orThrow(await search(probe, count)),
    distance: async (memberId, probe) => orThrow(await compare(memberId, probe)),
    async size() {
      const to = await filled;
      return (await to?.ask<'size'>({ call: 'size' })) ?? 0;
    },
    async close() {
      if (closed) return;
      closed = true;
      timers.clear(timer);
      // What was asked before is answered first; a filling stops.
      await filled;
      await thread?.ask<'close'>({ call: 'close' });
    },
  };
}

function refuse(code: GalleryRefusal['code']): Result<never, GalleryRefusal> {
  return err({ code });
}
