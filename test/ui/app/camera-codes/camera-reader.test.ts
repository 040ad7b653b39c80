import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Camera } from '../../../../ui/app/camera-codes/camera-choice.ts';
import {
  CAMERA_IDLE_MS,
  type CameraParts,
  type CameraState,
  DECODER_START_MS,
  FRAMES_TO_JUDGE,
  NO_PICTURE_MS,
  SLOW_FRAME_MS,
  startCameraReader,
} from '../../../../ui/app/camera-codes/camera-reader.ts';
import type { WorkerNews } from '../../../../ui/app/camera-codes/worker-messages.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const FRAME: WorkerNews = { kind: 'frame', seen: 'none', dark: false, tookMs: 10 };

/** A camera and a decoder that do what the test says. */
const rig = async (
  open: (wanted: MediaStreamConstraints) => Promise<unknown> = async () => undefined,
  { cameras = [], meant = null }: { cameras?: Camera[]; meant?: Camera | null } = {},
) => {
  const states: CameraState[] = [];
  const codes: string[] = [];
  const asked: MediaTrackConstraints[] = [];
  const track = Object.assign(new EventTarget(), {
    stop: vi.fn(),
    // The browser takes the first where none is named.
    getSettings: () => ({
      deviceId: (asked.at(-1)?.deviceId as { exact: string })?.exact ?? cameras[0]?.deviceId,
    }),
  });
  const worker = Object.assign(new EventTarget(), { postMessage: vi.fn(), terminate: vi.fn() });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  const page = Object.assign(new EventTarget(), { hidden: false });
  const parts = {
    media: {
      getUserMedia(wanted: MediaStreamConstraints) {
        asked.push(wanted.video as MediaTrackConstraints);
        return open(wanted).then(() => stream);
      },
      enumerateDevices: async () => [
        { kind: 'audioinput', label: 'Microphone', deviceId: 'm' },
        ...cameras.map((camera) => ({ kind: 'videoinput', ...camera })),
      ],
    },
    page,
    spawn: () => worker,
    framesOf: () => 'frames',
  } as unknown as CameraParts;
  const reader = startCameraReader(
    parts,
    meant,
    (state) => states.push(state),
    ({ text, aim }) => codes.push(aim + text),
  );
  await vi.advanceTimersByTimeAsync(0);
  const tell = (news: WorkerNews): void =>
    void worker.dispatchEvent(new MessageEvent('message', { data: news }));
  const last = (): unknown => {
    const state = states.at(-1);
    return state?.phase === 'stopped'
      ? state.problem
      : state?.phase === 'looking'
        ? state.notice
        : state?.phase;
  };
  const hide = (): void => {
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const of = (): unknown => {
    const state = states.at(-1);
    return state === undefined || state.phase === 'starting' ? undefined : state.cameras;
  };
  return { states, codes, track, worker, reader, tell, last, hide, asked, of };
};

const refusedWith = (name: string) => () => Promise.reject(new DOMException('no', name));

describe('a camera that does not open', () => {
  test.each([
    ['NotFoundError', 'no-camera'],
    ['OverconstrainedError', 'no-camera'],
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['InvalidStateError', 'failed'],
  ])('by %s is %s', async (name, problem) => {
    const { last, worker } = await rig(refusedWith(name));
    expect(last()).toBe(problem);
    expect(worker.postMessage).not.toHaveBeenCalled();
  });

  test('on a page that may have none is denied', async () => {
    const states: CameraState[] = [];
    startCameraReader(
      { media: undefined, page: new EventTarget() } as unknown as CameraParts,
      null,
      (state) => states.push(state),
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toMatchObject({ phase: 'stopped', problem: 'denied' });
  });

  test('after the reader was closed is let go of at once', async () => {
    const answer = Promise.withResolvers<void>();
    const { reader, track, states } = await rig(() => answer.promise);
    reader.close();
    answer.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(track.stop).toHaveBeenCalled();
    expect(states.map(({ phase }) => phase)).toEqual(['starting']);
  });
});

describe('a camera that is open', () => {
  test('gives its frames to the worker, moved and not copied', async () => {
    const { worker, last } = await rig();
    expect(worker.postMessage).toHaveBeenCalledWith({ frames: 'frames' }, ['frames']);
    expect(last()).toBeNull();
  });

  test('gives codes with their identifier', async () => {
    const { tell, codes } = await rig();
    tell({ kind: 'code', text: 'TSP1:A', aim: ']Q1' });
    expect(codes).toEqual([']Q1TSP1:A']);
  });

  test('says that there are two codes for as long as there are', async () => {
    const { tell, last } = await rig();
    tell({ ...FRAME, seen: 'several' });
    expect(last()).toBe('several');
    tell(FRAME);
    expect(last()).toBeNull();
  });

  test('says that a code is too long until it is gone', async () => {
    const { tell, last } = await rig();
    tell({ ...FRAME, seen: 'one' });
    tell({ kind: 'over-long' });
    tell({ ...FRAME, seen: 'one' });
    expect(last()).toBe('over-long');
    tell(FRAME);
    expect(last()).toBeNull();
  });

  test.each([
    ['dark', { ...FRAME, dark: true }],
    ['slow', { ...FRAME, tookMs: SLOW_FRAME_MS + 1 }],
  ] as const)('says %s after so many frames in a row, not before', async (notice, frame) => {
    const { tell, last } = await rig();
    for (let nth = 1; nth < FRAMES_TO_JUDGE; nth += 1) tell(frame);
    expect(last()).toBeNull();
    tell(frame);
    expect(last()).toBe(notice);
  });

  test('tells each change once, however many frames there are', async () => {
    const { tell, states } = await rig();
    for (let nth = 0; nth < 100; nth += 1) tell(FRAME);
    expect(states).toHaveLength(2);
  });
});

describe('a camera that ends', () => {
  test('by its cable is unplugged', async () => {
    const { track, last, worker } = await rig();
    track.dispatchEvent(new Event('ended'));
    expect(last()).toBe('unplugged');
    expect(worker.terminate).toHaveBeenCalled();
  });

  test('by its stream is unplugged, too', async () => {
    const { tell, last, track } = await rig();
    tell({ kind: 'ended' });
    expect(last()).toBe('unplugged');
    expect(track.stop).toHaveBeenCalled();
  });

  test('by a decoder that failed says so', async () => {
    const { tell, states } = await rig();
    tell({ kind: 'failed', why: 'no wasm' });
    expect(states.at(-1)).toEqual({
      phase: 'stopped',
      problem: 'failed',
      detail: 'no wasm',
      cameras: { all: [] },
    });
  });

  test('by a decoder that never starts says so, and blames no other program', async () => {
    const { states, track } = await rig();
    await vi.advanceTimersByTimeAsync(DECODER_START_MS - 1);
    expect(states.at(-1)).toMatchObject({ phase: 'looking' });
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toMatchObject({ phase: 'stopped', problem: 'failed' });
    expect(track.stop).toHaveBeenCalled();
  });

  test('once its page is hidden, for nobody sees then what it reads', async () => {
    const { hide, last, track } = await rig();
    hide();
    expect(last()).toBe('hidden');
    expect(track.stop).toHaveBeenCalled();
  });

  test('while the browser still asked, on a page that is hidden by now', async () => {
    const answer = Promise.withResolvers<void>();
    const { hide, last, track } = await rig(() => answer.promise);
    hide();
    answer.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toBe('hidden');
    expect(track.stop).toHaveBeenCalled();
  });

  test('without a picture for so long is busy', async () => {
    const { tell, last } = await rig();
    tell({ kind: 'ready' });
    await vi.advanceTimersByTimeAsync(NO_PICTURE_MS - 1);
    tell(FRAME);
    await vi.advanceTimersByTimeAsync(NO_PICTURE_MS - 1);
    expect(last()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(last()).toBe('busy');
  });

  test('without a code for a minute is closed: it only runs while asked', async () => {
    const { tell, last, track } = await rig();
    const frames = setInterval(() => tell(FRAME), 1_000);
    await vi.advanceTimersByTimeAsync(CAMERA_IDLE_MS - 1);
    expect(last()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    clearInterval(frames);
    expect(last()).toBe('idle');
    expect(track.stop).toHaveBeenCalled();
  });

  test('by hand tells nothing more', async () => {
    const { reader, tell, states, track, worker } = await rig();
    reader.close();
    tell({ ...FRAME, seen: 'several' });
    track.dispatchEvent(new Event('ended'));
    await vi.advanceTimersByTimeAsync(CAMERA_IDLE_MS);
    expect(states).toHaveLength(2);
    expect(worker.terminate).toHaveBeenCalledTimes(1);
  });
});

describe('of several cameras', () => {
  const front = { deviceId: 'f', label: 'Front (1bcf:28c4)' };
  const above = { deviceId: 'a', label: 'Above (046d:0825)' };
  const idOf = ({ deviceId }: MediaTrackConstraints) => deviceId;
  const unplug = async (track: EventTarget): Promise<void> => {
    track.dispatchEvent(new Event('ended'));
    await vi.advanceTimersByTimeAsync(0);
  };

  test('the browser takes one where none was chosen, and all are named', async () => {
    const { asked, of } = await rig(undefined, { cameras: [front, above] });
    expect(asked.map(idOf)).toEqual([undefined]);
    expect(of()).toEqual({ all: [front, above], current: front });
  });

  test('the chosen one is opened, though its id has changed since', async () => {
    const { asked, of } = await rig(undefined, {
      cameras: [front, above],
      meant: { ...above, deviceId: 'old' },
    });
    expect(asked.map(idOf)).toEqual([{ exact: 'a' }]);
    expect(of()).toEqual({ all: [front, above], current: above });
  });

  test('the chosen one is opened where the browser names them only after it was allowed', async () => {
    const cameras: Camera[] = [];
    const open = async () => void cameras.splice(0, 2, front, above);
    const { asked, of, track } = await rig(open, { cameras, meant: above });
    expect(asked.map(idOf)).toEqual([undefined, { exact: 'a' }]);
    expect(track.stop).toHaveBeenCalledTimes(1);
    expect(of()).toMatchObject({ current: above });
  });

  test('another is opened where the chosen one is not there, and it is said which is missing', async () => {
    const { asked, of } = await rig(undefined, { cameras: [front], meant: above });
    expect(asked.map(idOf)).toEqual([undefined]);
    expect(of()).toEqual({ all: [front], current: front, missing: above.label });
  });

  test('another is opened where the chosen one went between its listing and its opening', async () => {
    const open = ({ video }: MediaStreamConstraints) =>
      (video as MediaTrackConstraints).deviceId === undefined
        ? Promise.resolve()
        : refusedWith('OverconstrainedError')();
    const { of, last } = await rig(open, { cameras: [front, above], meant: above });
    expect(last()).toBeNull();
    expect(of()).toMatchObject({ current: front, missing: above.label });
  });

  test('one that another program holds is not passed over in silence: the others stay to choose from', async () => {
    const { of, last, asked } = await rig(refusedWith('NotReadableError'), {
      cameras: [front, above],
      meant: above,
    });
    expect(last()).toBe('busy');
    expect(asked).toHaveLength(1);
    expect(of()).toEqual({ all: [front, above] });
  });

  test('the other goes on where one is pulled out, once, and it is said', async () => {
    const cameras = [front, above];
    const { track, last, of, worker } = await rig(undefined, { cameras, meant: above });
    cameras.pop();
    await unplug(track);
    expect(worker.terminate).toHaveBeenCalledTimes(1);
    expect(last()).toBeNull();
    expect(of()).toEqual({ all: [front], current: front, missing: above.label });
    cameras.push(above);
    await unplug(track);
    expect(last()).toBe('unplugged');
  });

  test('the one that was open by itself is named when it is pulled out', async () => {
    const cameras = [front, above];
    const { track, of } = await rig(undefined, { cameras });
    cameras.shift();
    await unplug(track);
    expect(of()).toEqual({ all: [above], current: above, missing: front.label });
  });
});
