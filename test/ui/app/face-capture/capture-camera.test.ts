import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChallengeStep, FaceFrame } from '../../../../agent/contract/index.ts';
import { QUALITY_LIMITS } from '../../../../drivers/face/quality.ts';
import type { Camera } from '../../../../ui/app/camera-codes/camera-choice.ts';
import {
  CAPTURE_MAX_MS,
  type CaptureParts,
  type CaptureState,
  FRAMES_TO_JUDGE,
  MODEL_START_MS,
  NO_PICTURE_MS,
  SLOW_INTERVAL_MS,
  startFaceCapture,
} from '../../../../ui/app/face-capture/capture-camera.ts';
import type { CaptureNews } from '../../../../ui/app/face-capture/capture-messages.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const frame = (dark = false): CaptureNews => ({
  kind: 'frame',
  frame: { kind: 'fault', fault: 'no-face' },
  dark,
  tookMs: 40,
  progress: null,
});

/** A camera and a worker that do what the test says, in the test's own time. */
const rig = async (
  open: () => Promise<unknown> = async () => undefined,
  challenge: readonly ChallengeStep[] = [],
  camera: Camera | null = null,
  there: () => readonly Camera[] = () => [],
  poses = false,
) => {
  const states: CaptureState[] = [];
  const frames: FaceFrame[] = [];
  const track = Object.assign(new EventTarget(), { stop: vi.fn(), getSettings: () => opened });
  const opened: { deviceId?: string } = {};
  const worker = Object.assign(new EventTarget(), { postMessage: vi.fn(), terminate: vi.fn() });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  const page = Object.assign(new EventTarget(), { hidden: false });
  const parts = {
    media: {
      getUserMedia: ({ video }: { video: { deviceId?: { exact: string } } }) => {
        const deviceId = video.deviceId?.exact ?? there()[0]?.deviceId;
        if (deviceId !== undefined) opened.deviceId = deviceId;
        return open().then(() => stream);
      },
      enumerateDevices: async () => there().map((one) => ({ kind: 'videoinput', ...one })),
    },
    page,
    spawn: () => worker,
    framesOf: () => 'frames',
    nowMs: () => Date.now(),
  } as unknown as CaptureParts;
  const capture = startFaceCapture(
    parts,
    { camera, challenge, poses },
    (state) => states.push(state),
    (told) => frames.push(told),
  );
  await vi.advanceTimersByTimeAsync(0);
  const tell = (news: CaptureNews): void =>
    void worker.dispatchEvent(new MessageEvent('message', { data: news }));
  const last = (): string | null | undefined => {
    const state = states.at(-1);
    if (state?.phase === 'stopped') return state.end;
    return state?.phase === 'looking' ? state.notice : state?.phase;
  };
  const pace = async (count: number, everyMs: number, dark = false): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      await vi.advanceTimersByTimeAsync(everyMs);
      tell(frame(dark));
    }
  };
  return { states, frames, track, opened, worker, page, capture, tell, last, pace };
};
const FRONT: Camera = { deviceId: 'f', label: 'Front' };
const BACK: Camera = { deviceId: 'b', label: 'Back' };

/** The browser tells names once a camera is open. */
function namedLater(): () => readonly Camera[] {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? [{ deviceId: '', label: '' }] : [FRONT];
  };
}

const isOff = ({ track, worker }: Awaited<ReturnType<typeof rig>>): boolean =>
  track.stop.mock.calls.length > 0 && worker.terminate.mock.calls.length > 0;

describe('A face capture', () => {
  test('of an enrolment sends no descriptor of a face that the detector is unsure of, and says so', async () => {
    const described = {
      kind: 'described',
      model: { modelId: 'm', modelVersion: '1' },
      descriptor: 'AAAA',
      quality: {
        widthPx: 180,
        score: QUALITY_LIMITS.enrolScoreMin - 0.01,
        yawDegrees: 0,
        pitchDegrees: 0,
        rollDegrees: 0,
        grey: 120,
        sharpness: 200,
      },
    } as const;
    for (const poses of [true, false]) {
      const one = await rig(undefined, [], null, () => [], poses);
      one.tell({ ...frame(), frame: described } as CaptureNews);
      const fault = { kind: 'fault', fault: 'uncertain' };
      expect(one.frames).toEqual([poses ? fault : described]);
      expect(one.states.at(-1)).toMatchObject({ fault: poses ? 'uncertain' : null });
      one.capture.close();
    }
  });

  test('hands the frames and the challenge to the worker, and its frames to the agent', async () => {
    const one = await rig(undefined, ['blink']);
    expect(one.worker.postMessage).toHaveBeenCalledWith(
      { frames: 'frames', challenge: ['blink'] },
      ['frames'],
    );
    one.tell({ kind: 'ready', dimensions: 128 });
    one.tell({ ...frame(), progress: { asked: 'blink', done: 0, of: 1 } } as CaptureNews);
    expect(one.states.at(-1)).toMatchObject({
      phase: 'looking',
      notice: null,
      fault: 'no-face',
      progress: { asked: 'blink' },
    });
    one.tell({ kind: 'challenge', frame: { kind: 'challenge', result: 'passed' } });
    expect(one.frames).toEqual([
      { kind: 'fault', fault: 'no-face' },
      { kind: 'challenge', result: 'passed' },
    ]);
  });

  test('stops the camera and the worker at once when it is closed, and tells nothing more', async () => {
    const one = await rig();
    one.tell(frame());
    const told = [one.states.length, one.frames.length];
    one.capture.close();
    expect(isOff(one)).toBe(true);
    one.tell(frame());
    one.track.dispatchEvent(new Event('ended'));
    await vi.advanceTimersByTimeAsync(2 * CAPTURE_MAX_MS);
    expect([one.states.length, one.frames.length]).toEqual(told);
  });

  test('closed while the browser still asks lets the camera go as soon as it is there', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const one = await rig(() => new Promise((done) => (answer = done)));
    one.capture.close();
    answer(undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(one.track.stop).toHaveBeenCalled();
    expect(one.worker.postMessage).not.toHaveBeenCalled();
  });

  test.each([
    ['NotFoundError', 'absent'],
    ['NotAllowedError', 'denied'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
  ])('whose camera answers %s is %s, and the agent is told', async (name, end) => {
    const one = await rig(() => Promise.reject(new DOMException('', name)));
    expect(one.last()).toBe(end);
    expect(one.frames).toEqual([{ kind: 'trouble', trouble: end }]);
  });

  test('uses the camera that was chosen', async () => {
    const one = await rig(undefined, [], BACK, () => [FRONT, BACK]);
    expect(one.opened.deviceId).toBe('b');
    expect(one.last()).toBeNull();
  });

  test.each([
    ['is not plugged in', () => [FRONT]],
    ['is known by no name before another one was open', namedLater()],
  ])('whose chosen camera %s opens no other, and names it', async (_, there) => {
    const one = await rig(undefined, [], BACK, there);
    expect(one.states.at(-1)).toEqual({ phase: 'stopped', end: 'absent', missing: 'Back' });
    expect(one.frames).toEqual([{ kind: 'trouble', trouble: 'absent' }]);
    expect(one.worker.postMessage).not.toHaveBeenCalled();
    if (one.opened.deviceId !== undefined) expect(one.track.stop).toHaveBeenCalled();
  });

  test('The camera pulled mid-capture: stops, whether the track or the stream says it', async () => {
    for (const pull of [
      (one: Awaited<ReturnType<typeof rig>>) => one.track.dispatchEvent(new Event('ended')),
      (one: Awaited<ReturnType<typeof rig>>) => one.tell({ kind: 'ended' }),
    ]) {
      const one = await rig();
      pull(one);
      expect(one.last()).toBe('unplugged');
      expect(isOff(one)).toBe(true);
      expect(one.frames).toEqual([{ kind: 'trouble', trouble: 'unplugged' }]);
    }
  });

  test('A model file missing or altered: lets the camera go and says so', async () => {
    const one = await rig();
    one.tell({ kind: 'failed', trouble: 'model-missing', why: 'file-altered: a.bin' });
    expect(one.states.at(-1)).toEqual({
      phase: 'stopped',
      end: 'model-missing',
      detail: 'file-altered: a.bin',
    });
    expect(isOff(one)).toBe(true);
  });

  test('is dark after frames in a row, tells it once, and is not when a light goes on', async () => {
    const one = await rig();
    await one.pace(FRAMES_TO_JUDGE - 1, 130, true);
    expect(one.last()).toBeNull();
    await one.pace(3, 130, true);
    expect(one.last()).toBe('dark');
    expect(one.frames.filter(({ kind }) => kind === 'trouble')).toHaveLength(1);
    await one.pace(1, 130);
    expect(one.last()).toBeNull();
  });

  test('is slow at five frames a second and not at seven', async () => {
    const one = await rig();
    await one.pace(FRAMES_TO_JUDGE + 1, 1_000 / 7);
    expect(one.last()).toBeNull();
    await one.pace(FRAMES_TO_JUDGE + 1, 1_000 / 5);
    expect(one.last()).toBe('slow');
    const edge = await rig();
    await edge.pace(FRAMES_TO_JUDGE + 1, SLOW_INTERVAL_MS);
    expect(edge.last()).toBeNull();
  });

  test('gives the models, the picture and the whole capture their time and no more', async () => {
    const models = await rig();
    await vi.advanceTimersByTimeAsync(MODEL_START_MS - 1);
    expect(models.last()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(models.last()).toBe('failed');

    const picture = await rig();
    picture.tell({ kind: 'ready', dimensions: 128 });
    await vi.advanceTimersByTimeAsync(NO_PICTURE_MS - 1);
    expect(picture.last()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(picture.last()).toBe('busy');

    const whole = await rig();
    await whole.pace(CAPTURE_MAX_MS / 1_000, 1_000);
    expect(whole.last()).toBe('over');
    expect(isOff(whole)).toBe(true);
    // Time that is up is no trouble of a camera.
    expect(whole.frames.every((told) => told.kind !== 'trouble' || told.trouble === 'slow')).toBe(
      true,
    );
  });

  test('stops when the page goes out of sight: nobody is to be seen where nobody looks', async () => {
    const one = await rig();
    one.page.hidden = true;
    one.page.dispatchEvent(new Event('visibilitychange'));
    expect(one.last()).toBe('hidden');
    expect(isOff(one)).toBe(true);
  });
});
