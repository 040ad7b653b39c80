import { Worker } from 'node:worker_threads';
import type {
  AnsweredCall,
  GalleryAnswers,
  GalleryData,
  GalleryRequest,
} from './gallery-protocol.ts';

/** Templates that are moved to the thread in one message when it starts. */
export const LOAD_CHUNK = 1_000;

type Asked<Call extends AnsweredCall> = Extract<GalleryRequest, { readonly call: Call }>;

interface Waiting {
  settle(answer: unknown): void;
}

/** One life of the thread. */
export interface GalleryThread {
  /** The answer, or undefined where the thread ended over it; answers come in the order of the questions. */
  ask<Call extends AnsweredCall>(request: Asked<Call>): Promise<GalleryAnswers[Call] | undefined>;
  /** Fills the thread before anything else is asked; the numbers of `templates` are copied. Answers how many there were. */
  load(templates: Iterable<{ readonly person: string; readonly template: Float32Array }>): number;
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

  function send(people: readonly string[], flat: Float32Array<ArrayBuffer>): void {
    const used = flat.subarray(0, people.length * data.dimensions);
    worker.postMessage({ call: 'load', people, flat: used } satisfies GalleryRequest, [
      flat.buffer,
    ]);
  }

  return {
    ask(request) {
      if (hasEnded) return Promise.resolve(undefined);
      const { promise, resolve } = Promise.withResolvers<never>();
      waiting.push({ settle: resolve as (answer: unknown) => void });
      worker.postMessage(request, buffersOf(request));
      return promise;
    },
    load(templates) {
      let people: string[] = [];
      let flat = new Float32Array(LOAD_CHUNK * data.dimensions);
      let count = 0;
      for (const { person, template } of templates) {
        flat.set(template, people.length * data.dimensions);
        people.push(person);
        count++;
        if (people.length < LOAD_CHUNK) continue;
        send(people, flat);
        people = [];
        flat = new Float32Array(LOAD_CHUNK * data.dimensions);
      }
      if (people.length > 0) send(people, flat);
      return count;
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
