import type { Camera } from './camera-choice.ts';
import type { CameraCode } from './code-gate.ts';
import { type CameraMedia, type CameraProblem, type Cameras, openCamera } from './open-camera.ts';
import type { ReadStream, WorkerNews } from './worker-messages.ts';

/** Nothing was read for so long: nobody is showing anything, and the camera is closed. */
export const CAMERA_IDLE_MS = 60_000;
/** A decoder that is not there after so long does not come: its file is a megabyte of this machine's own. */
export const DECODER_START_MS = 15_000;
/** A camera that gives no frame for so long is held by another program, or hangs. */
export const NO_PICTURE_MS = 8_000;
/** So many frames in a row make a picture dark, or its reading slow. */
export const FRAMES_TO_JUDGE = 12;
/** A frame that takes longer to decode makes reading slow. */
export const SLOW_FRAME_MS = 250;

export type CameraNotice = 'several' | 'over-long' | 'dark' | 'slow' | null;
export type CameraState =
  | { readonly phase: 'starting' }
  | {
      readonly phase: 'looking';
      readonly stream: MediaStream;
      readonly notice: CameraNotice;
      readonly cameras: Cameras;
    }
  | {
      readonly phase: 'stopped';
      readonly problem: CameraProblem | 'idle' | 'hidden';
      readonly detail?: string;
      readonly cameras: Cameras;
    };

/** What the reader needs of a page; a test gives its own. */
export interface CameraParts {
  readonly media: CameraMedia | undefined;
  /** The decoder in a thread of its own. */
  readonly spawn: () => Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;
  /** The page that shows the picture. */
  readonly page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  /** The frames of a camera as a stream that can be moved to the decoder. */
  readonly framesOf: (track: MediaStreamTrack) => ReadableStream<VideoFrame>;
}

export interface CameraReader {
  /** Closes the camera and ends the decoder; nothing is told afterwards. */
  close(): void;
}

/**
 * Reads codes with the camera until it is closed or something stops it. Where the camera is pulled out and there is
 * another, that one goes on, once.
 * @param meant see {@link openCamera}
 * @param onState at every change @param onCode each code once while it stays in the picture
 */
export function startCameraReader(
  parts: CameraParts,
  meant: Camera | null,
  onState: (state: CameraState) => void,
  onCode: (code: CameraCode) => void,
): CameraReader {
  let stream: MediaStream | null = null;
  let worker: ReturnType<CameraParts['spawn']> | null = null;
  let cameras: Cameras = { all: [] };
  let closed = false;
  let hasFallenBack = false;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let noPicture: ReturnType<typeof setTimeout> | undefined;
  let darkFrames = 0;
  let slowFrames = 0;
  let overLong = false;
  let shown: CameraNotice | undefined;

  const letGo = (): void => {
    clearTimeout(idle);
    clearTimeout(noPicture);
    worker?.terminate();
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    worker = null;
    shown = undefined;
  };
  const close = (): void => {
    closed = true;
    parts.page.removeEventListener('visibilitychange', onVisibility);
    letGo();
  };
  const stop = (problem: CameraProblem | 'idle' | 'hidden', detail?: string): void => {
    if (closed) return;
    close();
    onState({ phase: 'stopped', problem, cameras, ...(detail === undefined ? {} : { detail }) });
  };
  const goneWithout = (): void => {
    if (closed) return;
    if (hasFallenBack || cameras.all.length < 2) return stop('unplugged');
    hasFallenBack = true;
    letGo();
    begin(meant ?? cameras.current ?? null);
  };
  // Where nobody sees the picture, nobody is to be seen in it, and no code is to be taken.
  function onVisibility(): void {
    if (parts.page.hidden) stop('hidden');
  }
  const expectDecoder = (): void => {
    noPicture = setTimeout(() => stop('failed', 'the decoder did not start'), DECODER_START_MS);
  };
  const expectPicture = (): void => {
    clearTimeout(noPicture);
    noPicture = setTimeout(() => stop('busy'), NO_PICTURE_MS);
  };
  const expectCode = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => stop('idle'), CAMERA_IDLE_MS);
  };
  const look = (notice: CameraNotice): void => {
    if (stream === null || notice === shown) return;
    shown = notice;
    onState({ phase: 'looking', stream, notice, cameras });
  };
  const noticeOf = ({ seen, dark, tookMs }: WorkerNews & { kind: 'frame' }): CameraNotice => {
    darkFrames = dark ? darkFrames + 1 : 0;
    slowFrames = tookMs > SLOW_FRAME_MS ? slowFrames + 1 : 0;
    if (seen !== 'one') overLong = false;
    if (seen === 'several') return 'several';
    if (overLong) return 'over-long';
    if (darkFrames >= FRAMES_TO_JUDGE) return 'dark';
    return slowFrames >= FRAMES_TO_JUDGE ? 'slow' : null;
  };

  const take = (news: WorkerNews): void => {
    if (closed) return;
    switch (news.kind) {
      case 'ready':
        return expectPicture();
      case 'frame':
        expectPicture();
        return look(noticeOf(news));
      case 'code':
        expectCode();
        return onCode({ text: news.text, aim: news.aim });
      case 'over-long':
        overLong = true;
        return look('over-long');
      case 'ended':
        return goneWithout();
      case 'failed':
        return stop('failed', news.why);
    }
  };

  const start = async (wanted: Camera | null): Promise<void> => {
    onState({ phase: 'starting' });
    const opened = await openCamera(parts.media, wanted);
    if (!closed) cameras = opened.cameras;
    if (!opened.stream.ok) return stop(opened.stream.error);
    stream = opened.stream.value;
    const [track] = stream.getVideoTracks();
    // Closed while the browser was still asking.
    if (closed || track === undefined) return closed ? letGo() : stop('no-camera');
    const decoder = parts.spawn();
    worker = decoder;
    // One that was let go may still have something to tell.
    const ifOurs = (act: () => void) => (): void => {
      if (worker === decoder) act();
    };
    track.addEventListener('ended', ifOurs(goneWithout));
    decoder.addEventListener('message', (event) =>
      ifOurs(() => take((event as MessageEvent<WorkerNews>).data))(),
    );
    decoder.addEventListener('error', (event) =>
      ifOurs(() => stop('failed', (event as ErrorEvent).message))(),
    );
    const frames = parts.framesOf(track);
    const order: ReadStream = { frames };
    decoder.postMessage(order, [frames]);
    expectDecoder();
    expectCode();
    look(null);
  };
  function begin(wanted: Camera | null): void {
    start(wanted).catch((error: unknown) =>
      stop('failed', error instanceof Error ? error.message : String(error)),
    );
  }
  parts.page.addEventListener('visibilitychange', onVisibility);
  begin(meant);
  return { close };
}
