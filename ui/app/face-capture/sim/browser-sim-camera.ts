import { browserCapture } from '../browser-capture.ts';
import { createSimCamera } from './sim-camera.ts';

/** The simulated camera of this page. */
export const browserSimCamera = createSimCamera({
  makeCanvas: () => document.createElement('canvas'),
  nowMs: browserCapture.nowMs,
  every(run, delayMs) {
    const timer = setInterval(run, delayMs);
    return { stop: () => clearInterval(timer) };
  },
});
