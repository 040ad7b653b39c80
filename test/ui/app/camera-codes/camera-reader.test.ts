import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
const rig = async (open: () => Promise<unknown> = async () => undefined) => {
  const states: CameraState[] = [];
  const codes: string[] = [];
  const track = Object.assign(new EventTarget(), { stop: vi.fn() });
  const worker = Object.assign(new EventTarget(), { postMessage: vi.fn(), terminate: vi.fn() });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  const page = Object.assign(new EventTarget(), { hidden: false });
  const parts = {
    media: { getUserMedia: () => open().then(() => stream) },
    page,
    spawn: () => worker,
    framesOf: () => 'frames',
  } as unknown as CameraParts;
  const reader = startCameraReader(
    parts,
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
  return { states, codes, track, worker, reader, tell, last, hide };
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
    expect(states.at(-1)).toEqual({ phase: 'stopped', problem: 'failed', detail: 'no wasm' });
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
