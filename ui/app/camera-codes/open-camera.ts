import { err, ok, type Result } from '../../../agent/contract/result.ts';

/** Why there is no picture; each has a sentence and a remedy in the catalogues. */
export type CameraProblem = 'no-camera' | 'denied' | 'busy' | 'unplugged' | 'failed';

/** What a till's camera gives well, in pixels and frames a second; another size is taken, too. */
const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { width: { ideal: 1_280 }, height: { ideal: 720 }, frameRate: { ideal: 15, max: 30 } },
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

/** Opens the camera, without sound. The stream is the caller's to stop. */
export async function openCamera(
  media: Pick<MediaDevices, 'getUserMedia'> | undefined,
): Promise<Result<MediaStream, CameraProblem>> {
  // Absent where the page is neither https nor of this machine.
  if (media === undefined) return err('denied');
  try {
    return ok(await media.getUserMedia(WANTED));
  } catch (error) {
    return err((error instanceof DOMException && PROBLEMS[error.name]) || 'failed');
  }
}
