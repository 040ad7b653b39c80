import type {
  CameraTrouble,
  ChallengeStep,
  FaceFrame,
  FaceModel,
  FrameFault,
} from '../../../agent/contract/index.ts';
import type { Camera } from '../camera-codes/camera-choice.ts';
import { type CameraMedia, type CameraProblem, openCamera } from '../camera-codes/open-camera.ts';
import type { CaptureNews, CaptureOrder, ChallengeProgress } from './capture-messages.ts';
import { forTemplate } from './for-template.ts';
import { createFrameGate } from './frame-gate.ts';

/** The longest that a camera runs for one capture: a challenge, and time to step up to it. */
export const CAPTURE_MAX_MS = 60_000;
/** Models that are not there after so long do not come: they are ten megabytes of this machine's own. */
export const MODEL_START_MS = 30_000;
/** A camera that gives no frame for so long is held by another program, or hangs. */
export const NO_PICTURE_MS = 8_000;
/** So many frames in a row make a picture dark, or the capture slow. */
export const FRAMES_TO_JUDGE = 12;
/** Mean time between frames above which a capture is slow: five a second are, and a blink may fall between them. */
export const SLOW_INTERVAL_MS = 180;

export type CaptureNotice = (CameraTrouble & ('dark' | 'slow')) | null;
/** Ends that are no fault of the camera: the page was hidden, or the time or the frames of one capture were used up. */
export type CaptureEnd = Exclude<CameraTrouble, 'dark' | 'slow'> | 'hidden' | 'over';

export type CaptureState =
  | { readonly phase: 'starting' }
  | {
      readonly phase: 'looking';
      /** For the member's own picture of themselves. */
      readonly stream: MediaStream;
      readonly notice: CaptureNotice;
      /** What the last frame lacked; null = nothing, or there was none. */
      readonly fault: FrameFault | null;
      readonly progress: ChallengeProgress | null;
      /** Whether the member is to look a little to each side. */
      readonly poses: boolean;
    }
  | {
      readonly phase: 'stopped';
      readonly end: CaptureEnd;
      readonly detail?: string;
      /** Name of the camera that was chosen and is not there. */
      readonly missing?: string;
    };

/** What a capture needs of a page; a test gives its own. */
export interface CaptureParts {
  readonly media: CameraMedia | undefined;
  /** The models in a thread of their own. */
  readonly spawn: () => Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;
  readonly page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  /** The frames of a camera as a stream that can be moved to the worker. */
  readonly framesOf: (track: MediaStreamTrack) => ReadableStream<VideoFrame>;
  /** Of a clock that only goes forward. */
  readonly nowMs: () => number;
}

/** What is captured. */
export interface CaptureWish {
  /** The camera that was chosen for faces, and no other: nobody steps up to another one. null = whichever the browser takes. */
  readonly camera: Camera | null;
  readonly challenge: readonly ChallengeStep[];
  /** Whether captures are to be of different poses, as for an enrolment; absent = no. */
  readonly poses?: boolean;
  /** Whether the simulated camera is meant; absent = no. */
  readonly simulated?: boolean;
  /** See {@link CaptureOrder}. */
  readonly pack?: string;
  readonly model?: FaceModel;
}

export interface FaceCapture {
  /** Stops the camera and ends the worker at once; nothing is told afterwards. */
  close(): void;
}

const TROUBLES: Readonly<Record<CameraProblem, CaptureEnd>> = {
  'no-camera': 'absent',
  denied: 'denied',
  busy: 'busy',
  unplugged: 'unplugged',
  failed: 'failed',
};

/**
 * Opens a camera and looks for a face until it is closed or something stops it. It opens none by itself: a session that
 * the agent has begun calls it.
 * @param onState at every change @param onFrame what the agent is to be told, few enough for one session
 */
export function startFaceCapture(
  parts: CaptureParts,
  wish: CaptureWish,
  onState: (state: CaptureState) => void,
  onFrame: (frame: FaceFrame) => void,
): FaceCapture {
  const poses = wish.poses ?? false;
  const gate = createFrameGate(poses);
  let stream: MediaStream | null = null;
  let worker: ReturnType<CaptureParts['spawn']> | null = null;
  let closed = false;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let darkFrames = 0;
  let times: number[] = [];
  let notice: CaptureNotice = null;
  const over = setTimeout(() => stop('over'), CAPTURE_MAX_MS);

  const close = (): void => {
    closed = true;
    clearTimeout(over);
    clearTimeout(waiting);
    parts.page.removeEventListener('visibilitychange', onVisibility);
    worker?.terminate();
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    worker = null;
  };
  function stop(end: CaptureEnd, detail?: string, missing?: string): void {
    if (closed) return;
    close();
    if (end !== 'hidden' && end !== 'over') send({ kind: 'trouble', trouble: end });
    onState({
      phase: 'stopped',
      end,
      ...(detail === undefined ? {} : { detail }),
      ...(missing === undefined ? {} : { missing }),
    });
  }
  function send(frame: FaceFrame): void {
    const passed = gate.pass(frame, parts.nowMs());
    if (passed === 'send') onFrame(frame);
    if (passed === 'full') stop('over');
  }
  // Where nobody sees the picture, nobody is to be seen in it.
  function onVisibility(): void {
    if (parts.page.hidden) stop('hidden');
  }
  const expect = (end: CaptureEnd, withinMs: number, detail?: string): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => stop(end, detail), withinMs);
  };
  const noticeOf = (dark: boolean): CaptureNotice => {
    darkFrames = dark ? darkFrames + 1 : 0;
    times = [...times, parts.nowMs()].slice(-FRAMES_TO_JUDGE - 1);
    if (darkFrames >= FRAMES_TO_JUDGE) return 'dark';
    const [first = 0] = times;
    const meanMs = ((times.at(-1) ?? 0) - first) / FRAMES_TO_JUDGE;
    return times.length > FRAMES_TO_JUDGE && meanMs > SLOW_INTERVAL_MS ? 'slow' : null;
  };
  const look = (fault: FrameFault | null, progress: ChallengeProgress | null): void => {
    if (stream !== null) onState({ phase: 'looking', stream, notice, fault, progress, poses });
  };

  const take = (news: CaptureNews): void => {
    switch (news.kind) {
      case 'ready':
        return expect('busy', NO_PICTURE_MS);
      case 'frame': {
        expect('busy', NO_PICTURE_MS);
        const found = noticeOf(news.dark);
        if (found !== null && found !== notice) send({ kind: 'trouble', trouble: found });
        notice = found;
        const frame = poses ? forTemplate(news.frame) : news.frame;
        send(frame);
        return look(frame.kind === 'fault' ? frame.fault : null, news.progress);
      }
      case 'challenge':
        return send(news.frame);
      case 'ended':
        return stop('unplugged');
      case 'failed':
        return stop(news.trouble, news.why);
    }
  };

  const start = async (): Promise<void> => {
    onState({ phase: 'starting' });
    const opened = await openCamera(parts.media, wish.camera, true);
    if (!opened.stream.ok)
      return stop(TROUBLES[opened.stream.error], undefined, opened.cameras.missing);
    stream = opened.stream.value;
    const [track] = stream.getVideoTracks();
    // Closed while the browser was still asking.
    if (closed) return close();
    if (track === undefined) return stop('absent');
    const spawned = parts.spawn();
    worker = spawned;
    track.addEventListener('ended', () => stop('unplugged'));
    spawned.addEventListener('message', (event) => {
      if (!closed) take((event as MessageEvent<CaptureNews>).data);
    });
    spawned.addEventListener('error', (event) => stop('failed', (event as ErrorEvent).message));
    const frames = parts.framesOf(track);
    const order: CaptureOrder = {
      frames,
      challenge: wish.challenge,
      ...(wish.pack === undefined ? {} : { pack: wish.pack }),
      ...(wish.model === undefined ? {} : { model: wish.model }),
    };
    spawned.postMessage(order, [frames]);
    expect('failed', MODEL_START_MS, 'the models did not start');
    look(null, null);
  };
  parts.page.addEventListener('visibilitychange', onVisibility);
  start().catch((error: unknown) =>
    stop('failed', error instanceof Error ? error.message : String(error)),
  );
  return { close };
}
