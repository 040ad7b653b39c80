import { describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import type { FaceEmbedder } from '../../../../drivers/face/embedder.ts';
import type { CaptureNews } from '../../../../ui/app/face-capture/capture-messages.ts';
import {
  createFramePixels,
  FRAME_MAX_WIDTH_PX,
} from '../../../../ui/app/face-capture/frame-pixels.ts';
import {
  BAD_FRAMES_MAX,
  FRAME_INTERVAL_MS,
  lookAtFrames,
} from '../../../../ui/app/face-capture/look-at-frames.ts';
import { headLandmarks, STILL } from '../../../support/head-track.ts';

const SIZE = 400;
type News = CaptureNews & { kind: 'frame' };

/** Frames that come every 40 ms of the test's own time, and a model that sees in each what the test says. */
function rig(count: number, look: (frame: number) => 'face' | 'nothing' | 'broken') {
  let nowMs = 0;
  let current = -1;
  let inFlight = 0;
  let mostInFlight = 0;
  const closed: number[] = [];
  const pictures: Uint8ClampedArray[] = [];
  const news: CaptureNews[] = [];
  const counts = { found: 0, described: 0 };
  const frames = new ReadableStream(
    {
      pull(queue) {
        current += 1;
        nowMs += 40;
        if (current >= count) return queue.close();
        const index = current;
        const close = (): void => {
          if (!closed.includes(index)) closed.push(index);
        };
        queue.enqueue({ close } as VideoFrame);
      },
    },
    { highWaterMark: 0 },
  ) as ReadableStream<VideoFrame>;
  const embedder: FaceEmbedder = {
    manifest: { ...DEFAULT_MODEL, dimensions: 16 },
    async find() {
      counts.found += 1;
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      const seen = look(current);
      if (seen === 'broken') throw new Error('no picture');
      const box = { x: 200, y: 80, width: 200, height: 240 };
      return seen === 'face' ? [{ box, score: 0.9, landmarks: headLandmarks(STILL) }] : [];
    },
    async describe() {
      counts.described += 1;
      return new Float32Array(16).fill(0.1);
    },
    close: async () => undefined,
  };
  const pixels = {
    take() {
      // Stripes, so that the frame is neither dark nor blurred.
      const data = new Uint8ClampedArray(4 * SIZE * SIZE).map((_, at) =>
        (at >> 4) % 2 === 0 ? 60 : 180,
      );
      pictures.push(data);
      return { data, width: SIZE, height: SIZE };
    },
  };
  const run = (movements: Parameters<typeof lookAtFrames>[1] = []) =>
    lookAtFrames(frames, movements, {
      embedder,
      pixels,
      nowMs: () => nowMs,
      tell: (one) => void news.push(one),
    });
  return { run, news, closed, pictures, counts, most: () => mostInFlight };
}
const kinds = (news: readonly CaptureNews[]): string[] => news.map(({ kind }) => kind);

describe('The worker', () => {
  test('looks at one frame at a time, no oftener than its interval, and says when they end', async () => {
    const one = rig(40, () => 'nothing');
    await one.run();
    expect(one.most()).toBe(1);
    expect(one.counts.found).toBe(Math.ceil((40 * 40) / (Math.ceil(FRAME_INTERVAL_MS / 40) * 40)));
    expect(kinds(one.news).at(-1)).toBe('ended');
  });

  test('describes only frames that pass the gates', async () => {
    const one = rig(8, (frame) => (frame < 4 ? 'nothing' : 'face'));
    await one.run();
    expect(one.counts).toEqual({ found: 2, described: 1 });
    expect((one.news[0] as News).frame).toEqual({ kind: 'fault', fault: 'no-face' });
    expect((one.news[1] as News).frame.kind).toBe('described');
  });

  test('closes every frame and leaves nothing of its pixels, also where the model fails', async () => {
    const one = rig(12, (frame) => (frame === 4 ? 'broken' : 'face'));
    await one.run();
    expect(one.closed).toHaveLength(12);
    expect(one.pictures.length).toBeGreaterThan(2);
    for (const pixels of one.pictures) expect(pixels.every((value) => value === 0)).toBe(true);
  });

  test('bears a bad frame and gives up after several in a row', async () => {
    const bearable = rig(8, (frame) => (frame < 4 ? 'broken' : 'nothing'));
    await bearable.run();
    expect(kinds(bearable.news)).toEqual(['frame', 'ended']);
    await expect(rig(4 * BAD_FRAMES_MAX, () => 'broken').run()).rejects.toThrow('no picture');
    const justNot = rig(4 * (BAD_FRAMES_MAX - 1), () => 'broken');
    await justNot.run();
    expect(kinds(justNot.news)).toEqual(['ended']);
  });

  test('tells how far the challenge is with each frame, and its end once', async () => {
    const one = rig(300, () => 'face');
    await one.run(['turn-left']);
    const progress = one.news.flatMap((news) => (news.kind === 'frame' ? [news.progress] : []));
    expect(progress[0]).toEqual({ asked: 'look', done: 0, of: 1 });
    expect(progress[4]).toEqual({ asked: 'turn-left', done: 0, of: 1 });
    expect(progress.at(-1)).toBeNull();
    expect(one.news.filter(({ kind }) => kind === 'challenge')).toEqual([
      { kind: 'challenge', frame: { kind: 'challenge', result: 'timed-out' } },
    ]);
  });
});

test('a wide frame is made smaller, a small one is not made larger, and the canvas is wiped', () => {
  const made: { width: number; height: number; calls: string[] }[] = [];
  const pixels = createFramePixels((width, height) => {
    const calls: string[] = [];
    made.push({ width, height, calls });
    const context = {
      drawImage: () => calls.push('draw'),
      getImageData: () => ({ data: new Uint8ClampedArray(4 * width * height) }),
      fillRect: (...rect: number[]) => calls.push(`wipe ${rect}`),
    };
    return { width, height, getContext: () => context } as unknown as OffscreenCanvas;
  });
  const frame = (displayWidth: number, displayHeight: number) =>
    pixels.take({ displayWidth, displayHeight } as VideoFrame);
  expect(frame(1_280, 720)).toMatchObject({ width: FRAME_MAX_WIDTH_PX, height: 360 });
  expect(frame(1_280, 720)).toMatchObject({ width: FRAME_MAX_WIDTH_PX, height: 360 });
  expect(frame(320, 240)).toMatchObject({ width: 320, height: 240 });
  expect(made.map(({ width, height, calls }) => [width, height, ...calls])).toEqual([
    [640, 360, 'draw', 'wipe 0,0,640,360', 'draw', 'wipe 0,0,640,360'],
    [320, 240, 'draw', 'wipe 0,0,320,240'],
  ]);
});
