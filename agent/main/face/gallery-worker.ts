import { parentPort, workerData } from 'node:worker_threads';
// The one file, not the whole contract: the thread is up in a third of the time.
import { assert } from '../../contract/result.ts';
import { createGallery } from '../../domain/face/gallery.ts';
import type { GalleryAnswers, GalleryData, GalleryRequest } from './gallery-protocol.ts';
import { fastScan } from './gallery-scan.ts';

/**
 * The thread that has the templates in clear. Whatever numbers are sent to it are overwritten once they are copied or
 * compared, so that the gallery is the only place where they lie.
 */
const { dimensions, maxPeople } = workerData as GalleryData;
const port = parentPort;
assert(port !== null, 'faces are searched in a thread of their own');
const gallery = createGallery(dimensions, maxPeople, fastScan(dimensions));

function answer(request: GalleryRequest): GalleryAnswers[keyof GalleryAnswers] | undefined {
  switch (request.call) {
    case 'load':
      load(request.people, request.flat);
      return undefined;
    case 'put': {
      const isKept = gallery.add(request.person, request.template);
      request.template.fill(0);
      return isKept;
    }
    case 'remove':
      return gallery.delete(request.person);
    case 'nearest': {
      const found = gallery.shortlist(request.probe, request.count);
      request.probe.fill(0);
      return found;
    }
    case 'distance': {
      const distance = gallery.distanceTo(request.person, request.probe);
      request.probe.fill(0);
      return distance ?? null;
    }
    case 'size':
      return gallery.size;
    case 'close':
      gallery.clear();
      return null;
  }
}

function load(people: readonly string[], flat: Float32Array): void {
  people.forEach((person, at) => {
    gallery.add(person, flat.subarray(at * dimensions, (at + 1) * dimensions));
  });
  flat.fill(0);
}

port.on('message', (request: GalleryRequest) => {
  const value = answer(request);
  if (value === undefined) return;
  port.postMessage(value);
  if (request.call === 'close') port.close();
});
