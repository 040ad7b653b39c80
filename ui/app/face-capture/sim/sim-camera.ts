import { createActor, type Gesture } from '../../../../drivers/face/drawn/actor.ts';
import {
  type DrawnHead,
  drawFrame,
  drawnHead,
  type HeadPose,
  STRAIGHT,
} from '../../../../drivers/face/drawn/draw-face.ts';
import type { CameraMedia } from '../../camera-codes/open-camera.ts';
import { CAST } from './cast.ts';

const WIDTH = 640;
const HEIGHT = 480;
/** Frames a second; a slow camera gives so few that a blink falls between them. */
const RATE = { usual: 10, slow: 4 };
const DARK = 0.12;
/** Somebody beside the member, and as large. */
const BESIDE: HeadPose = { ...STRAIGHT, x: 0.34, size: 0.5 };
const MEMBER_BESIDE: Partial<HeadPose> = { x: -0.32, size: 0.5 };

/** How the camera is, or why there is no picture; names of `DOMException` (Media Capture and Streams, 10.2). */
export const SIM_CONDITIONS = ['usual', 'dark', 'slow', 'absent', 'denied', 'busy'] as const;
export type SimCondition = (typeof SIM_CONDITIONS)[number];
const REFUSALS: Partial<Record<SimCondition, string>> = {
  absent: 'NotFoundError',
  denied: 'NotAllowedError',
  busy: 'NotReadableError',
};

/** Who stands before it: somebody of {@link CAST}, two of them, or nobody. */
export type SimScene = number | 'two' | 'nobody';

export interface SimCameraState {
  readonly scene: SimScene;
  readonly condition: SimCondition;
}

/** A camera that is not there: it enters where the browser gives a real one, and shows drawn people. */
export interface SimCamera {
  readonly media: CameraMedia;
  get(): SimCameraState;
  set(state: Partial<SimCameraState>): void;
  /** Lets whoever stands there move; nothing while they still do. */
  perform(gesture: Gesture): void;
  /** Pulls the cable of a camera that runs. */
  unplug(): void;
}

/** What it needs of a page. */
export interface SimCameraParts {
  readonly makeCanvas: () => HTMLCanvasElement;
  /** Of a clock that only goes forward, in milliseconds. */
  readonly nowMs: () => number;
  readonly every: (run: () => void, delayMs: number) => { stop(): void };
}

export function createSimCamera({ makeCanvas, nowMs, every }: SimCameraParts): SimCamera {
  let state: SimCameraState = { scene: 0, condition: 'usual' };
  const actor = createActor();
  const heads = new Map<number, DrawnHead>();
  const running = new Set<MediaStreamTrack>();
  const headOf = (place: number): DrawnHead => {
    const seed = CAST[place % CAST.length] ?? 1;
    const head = heads.get(seed) ?? drawnHead(seed);
    heads.set(seed, head);
    return head;
  };

  function peopleNow(): { head: DrawnHead; pose: HeadPose }[] {
    const pose = actor.poseAt(nowMs());
    if (state.scene === 'nobody') return [];
    if (state.scene === 'two')
      return [
        { head: headOf(1), pose: BESIDE },
        { head: headOf(0), pose: { ...pose, ...MEMBER_BESIDE } },
      ];
    return [{ head: headOf(state.scene), pose }];
  }

  function open(): MediaStream {
    // Whoever steps up looks straight ahead: what they did for the last one is over.
    actor.rest();
    const canvas = makeCanvas();
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const context = canvas.getContext('2d');
    if (context === null) throw new DOMException('no canvas', 'NotReadableError');
    const picture = context.createImageData(WIDTH, HEIGHT);
    let nth = 0;
    const draw = (): void => {
      nth += 1;
      drawFrame(picture, peopleNow(), state.condition === 'dark' ? DARK : 1, nth);
      context.putImageData(picture, 0, 0);
    };
    draw();
    const rate = state.condition === 'slow' ? RATE.slow : RATE.usual;
    const stream = canvas.captureStream(rate);
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new DOMException('no track', 'NotReadableError');
    running.add(track);
    const drawing = every(() => {
      if (track.readyState === 'live') return draw();
      drawing.stop();
      running.delete(track);
    }, 1_000 / rate);
    return stream;
  }

  return {
    media: {
      async getUserMedia() {
        const refusal = REFUSALS[state.condition];
        if (refusal !== undefined) throw new DOMException('simulated', refusal);
        return open();
      },
      // Without a name there is nothing to choose from.
      enumerateDevices: async () => [],
    },
    get: () => state,
    set(next) {
      state = { ...state, ...next };
    },
    perform(gesture) {
      const atMs = nowMs();
      if (!actor.isBusy(atMs)) actor.perform(gesture, atMs);
    },
    unplug() {
      for (const track of running) {
        track.stop();
        // A track that its own page stops says nothing of it.
        track.dispatchEvent(new Event('ended'));
      }
    },
  };
}
