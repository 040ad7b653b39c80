import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Camera, findCamera, listCameras } from './camera-choice.ts';

/** Why there is no picture; each has a sentence and a remedy in the catalogues. */
export type CameraProblem = 'no-camera' | 'denied' | 'busy' | 'unplugged' | 'failed';

/** What is needed of the browser's media devices. */
export type CameraMedia = Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'>;

/** The cameras of the machine as they were found at opening one. */
export interface Cameras {
  readonly all: readonly Camera[];
  /** The one that is open, where the browser names it. */
  readonly current?: Camera;
  /** Name of the one that was meant and is not there, so that another is open. */
  readonly missing?: string;
}

/** What a till's camera gives well, in pixels and frames a second; another size is taken, too. */
const WANTED: MediaTrackConstraints = {
  width: { ideal: 1_280 },
  height: { ideal: 720 },
  frameRate: { ideal: 15, max: 30 },
};

/** By `DOMException.name` of `getUserMedia` (Media Capture and Streams, 10.2). */
const PROBLEMS: Readonly<Record<string, CameraProblem>> = {
  NotFoundError: 'no-camera',
  OverconstrainedError: 'no-camera',
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/**
 * Opens a camera, without sound. The stream is the caller's to stop.
 * @param meant the camera to open; where it is not there, another is. null = whichever the browser takes
 * @param only where the camera that is meant is not there, none is opened: `no-camera`, with its name
 */
export async function openCamera(
  media: CameraMedia | undefined,
  meant: Camera | null,
  only = false,
): Promise<{ readonly stream: Result<MediaStream, CameraProblem>; readonly cameras: Cameras }> {
  // Absent where the page is neither https nor of this machine.
  if (media === undefined) return { stream: err('denied'), cameras: { all: [] } };
  let all = await listCameras(media);
  const isGone = (): boolean =>
    only && meant !== null && all.length > 0 && findCamera(all, meant) === undefined;
  if (isGone()) return { stream: err('no-camera'), cameras: { all, missing: meant?.label ?? '' } };
  let stream = await openThis(media, all, meant, only);
  if (stream.ok && all.length === 0) {
    // The permission came with the opening, and the names with the permission.
    all = await listCameras(media);
    const named = meant === null ? undefined : findCamera(all, meant);
    if (named !== undefined && named.deviceId !== deviceIdOf(stream.value)) {
      for (const track of stream.value.getTracks()) track.stop();
      stream = await openThis(media, all, named, only);
    }
  }
  const openId = stream.ok ? deviceIdOf(stream.value) : undefined;
  const current = all.find(({ deviceId }) => deviceId === openId);
  const isMissing = meant !== null && current !== undefined && current.label !== meant.label;
  if (only && isMissing && stream.ok) {
    // Known by name only once it was open, or pulled out since it was listed.
    for (const track of stream.value.getTracks()) track.stop();
    stream = err('no-camera');
  }
  return {
    stream,
    cameras: {
      all,
      ...(current === undefined ? {} : { current }),
      ...(isMissing ? { missing: meant.label } : {}),
    },
  };
}

async function openThis(
  media: CameraMedia,
  all: readonly Camera[],
  meant: Camera | null,
  only: boolean,
): Promise<Result<MediaStream, CameraProblem>> {
  const found = meant === null ? undefined : findCamera(all, meant);
  if (found === undefined) return open(media, WANTED);
  const opened = await open(media, { ...WANTED, deviceId: { exact: found.deviceId } });
  // Pulled out since it was listed.
  return !only && !opened.ok && opened.error === 'no-camera' ? open(media, WANTED) : opened;
}

async function open(
  media: CameraMedia,
  video: MediaTrackConstraints,
): Promise<Result<MediaStream, CameraProblem>> {
  try {
    return ok(await media.getUserMedia({ audio: false, video }));
  } catch (error) {
    return err((error instanceof DOMException && PROBLEMS[error.name]) || 'failed');
  }
}

const deviceIdOf = (stream: MediaStream): string | undefined =>
  stream.getVideoTracks()[0]?.getSettings().deviceId;
