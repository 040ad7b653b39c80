import {
  type CaptureOpened,
  type CaptureWanted,
  FACE_PACK_PATH,
  type FaceFrame,
  type FaceSessionId,
} from '../../../agent/contract/index.ts';
import type { Camera } from '../camera-codes/camera-choice.ts';
import { readError, type TillClient } from '../link.ts';
import type { CaptureState, CaptureWish, FaceCapture } from './capture-camera.ts';
import type { FrameSealer } from './seal-frames.ts';

/** How long a page waits after a call that failed: the till restarts, or the line is down. */
export const CAPTURE_RETRY_MS = 1_000;
/** Frames that wait to be sent, at most; further ones are let go, since newer frames come. */
export const SEND_QUEUE_MAX = 8;

/**
 * What a message meets once another page has opened the session: the last one that opens it has it, and leaves the only
 * camera on. Two pages that took it from each other by turns would both film, and neither would end.
 */
const OVERTAKEN: readonly string[] = ['capture-order', 'capture-sealed'];

type Session = NonNullable<CaptureWanted['session']>;

/** What captures need besides the till. */
export interface RunParts {
  readonly client: TillClient['capture'];
  /** Opens the camera; see `startFaceCapture`. */
  readonly start: (
    wish: CaptureWish,
    onState: (state: CaptureState) => void,
    onFrame: (frame: FaceFrame) => void,
  ) => FaceCapture;
  readonly seal: (sessionId: FaceSessionId, publicKey: string) => Promise<FrameSealer>;
  readonly wait: (delayMs: number) => Promise<void>;
  /** Told at each answer whether the camera is simulated. */
  readonly onSimulated?: (simulated: boolean) => void;
  /** The camera that is chosen for faces now; null = whichever the browser takes. */
  readonly camera: () => Camera | null;
}

/**
 * Captures for one session of the till after the other, and leaves a session to another page that opens it later. The camera runs while the till says that one wants it, and is
 * off as soon as it does not, or does not answer.
 * @param onState null = no session is open
 */
export function runCaptures(
  { client, start, seal, wait, camera: chosen, onSimulated }: RunParts,
  onState: (state: CaptureState | null) => void,
): { close(): void } {
  let closed = false;
  let seen: FaceSessionId | null | undefined;
  let current: { readonly end: () => void } | null = null;

  const off = (): void => {
    current?.end();
    current = null;
  };

  function capture(
    session: Session,
    opened: CaptureOpened,
    simulated: boolean,
  ): { readonly end: () => void } {
    let ended = false;
    let waiting = 0;
    const sealer = seal(session.sessionId, opened.publicKey);
    // A key that is none fails each frame in its turn; a capture may end before it has one.
    let sending: Promise<unknown> = sealer.catch(() => undefined);
    const end = (): void => {
      if (ended) return;
      ended = true;
      camera.close();
      onState(null);
    };
    // Sealed when its turn comes, so that a frame that is let go leaves no hole in the order.
    const send = async (frame: FaceFrame): Promise<void> => {
      const { wanted } = await client.send(await (await sealer).seal(frame));
      if (!wanted) end();
    };
    const enqueue = (frame: FaceFrame): void => {
      const isFrame = frame.kind === 'described' || frame.kind === 'fault';
      if (ended || (isFrame && waiting >= SEND_QUEUE_MAX)) return;
      waiting += 1;
      sending = sending
        .then(() => (ended ? undefined : send(frame)))
        .catch((error: unknown) => {
          end();
          // Asks the till afresh: where the session is still open, the channel is opened again.
          if (!OVERTAKEN.includes(readError(error).code)) seen = undefined;
        })
        .finally(() => {
          waiting -= 1;
        });
    };
    const { challenge, purpose } = session;
    const wish = {
      camera: simulated ? null : chosen(),
      simulated,
      challenge,
      poses: purpose === 'enrol',
      model: opened.model,
      ...(opened.isPack ? { pack: FACE_PACK_PATH } : {}),
    };
    const camera = start(wish, (state) => void (ended || onState(state)), enqueue);
    return { end };
  }

  async function run(): Promise<void> {
    while (!closed) {
      try {
        const { session, simulated } = await client.wanted(seen === undefined ? {} : { seen });
        if (closed) return;
        onSimulated?.(simulated);
        const next = session?.sessionId ?? null;
        if (next === seen) continue;
        off();
        seen = next;
        if (session === null) continue;
        const opened = await client.open({ sessionId: session.sessionId });
        if (!closed) current = capture(session, opened, simulated);
      } catch {
        off();
        seen = undefined;
        await wait(CAPTURE_RETRY_MS);
      }
    }
  }
  void run();
  return {
    close() {
      closed = true;
      off();
    },
  };
}
