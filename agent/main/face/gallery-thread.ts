import { Worker } from 'node:worker_threads';
import type {
  AnsweredCall,
  GalleryAnswers,
  GalleryData,
  GalleryRequest,
} from './gallery-protocol.ts';

/** Templates that are opened and moved to the thread at a time when it starts: some tens of milliseconds. */
export const LOAD_SLICE = 128;

type Asked<Call extends AnsweredCall> = Extract<GalleryRequest, { readonly call: Call }>;

interface Waiting {
  settle(answer: unknown): void;
}

/** One life of the thread. */
export interface GalleryThread {
  /** The answer, or undefined where the thread ended over it; answers come in the order of the questions. */
  ask<Call extends AnsweredCall>(request: Asked<Call>): Promise<GalleryAnswers[Call] | undefined>;
  /**
   * Moves the next {@link LOAD_SLICE} templates to the thread, before anything else is asked; their numbers are copied.
   * @returns how many there were; fewer than a slice are the last
   */
  load(templates: Iterator<{ readonly person: string; readonly template: Float32Array }>): number;
  /** Ends it at once, whatever it does. */
  terminate(): void;
}

/** Starts a thread. @param onEnd called once, when the thread has ended, with the reason where it was an error */
export function startGalleryThread(
  data: GalleryData,
  workerUrl: URL | undefined,
  onEnd: (why: string) => void,
): GalleryThread {
  const worker = new Worker(workerUrl ?? besideThis(), { workerData: data });
  // The till decides how long the process lives.
  worker.unref();
  const waiting: Waiting[] = [];
  let hasEnded = false;
  let why = 'it ended by itself';
  worker.on('message', (answer: unknown) => waiting.shift()?.settle(answer));
  worker.on('error', (error: Error) => {
    why = error.message;
  });
  worker.on('exit', () => {
    hasEnded = true;
    for (const one of waiting.splice(0)) one.settle(undefined);
    onEnd(why);
  });

  return {
    ask(request) {
      if (hasEnded) return Promise.resolve(undefined);
      const { promise, resolve } = Promise.withResolvers<never>();
      waiting.push({ settle: resolve as (answer: unknown) => void });
      worker.postMessage(request, buffersOf(request));
      return promise;
    },
    load(templates) {
      const people: string[] = [];
      const flat = new Float32Array(LOAD_SLICE * data.dimensions);
      while (people.length < LOAD_SLICE) {
        const { done, value } = templates.next();
        if (done === true) break;
        flat.set(value.template, people.length * data.dimensions);
        people.push(value.person);
      }
      const used = flat.subarray(0, people.length * data.dimensions);
      const request: GalleryRequest = { call: 'load', people, flat: used };
      if (people.length > 0) worker.postMessage(request, [flat.buffer]);
      return people.length;
    },
    terminate: () => void worker.terminate(),
  };
}

/** Moved, not copied: what was sent is nowhere else afterwards. */
function buffersOf(request: GalleryRequest): ArrayBuffer[] {
  if (request.call === 'put') return [request.template.buffer as ArrayBuffer];
  if (request.call === 'nearest' || request.call === 'distance')
    return [request.probe.buffer as ArrayBuffer];
  return [];
}

/** In the built program both files are JavaScript. */
function besideThis(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./gallery-worker.${ending}`, import.meta.url);
}
