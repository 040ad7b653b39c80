import { browserCamera } from '../camera-codes/browser-camera.ts';
import type { CaptureParts } from './capture-camera.ts';

/** The camera of the machine that the page is on, and the models in a worker. */
export const browserCapture: CaptureParts = {
  media: browserCamera.media,
  page: browserCamera.page,
  framesOf: browserCamera.framesOf,
  spawn: () => new Worker(new URL('./capture-worker.ts', import.meta.url), { type: 'module' }),
  nowMs: () => performance.now(),
};
