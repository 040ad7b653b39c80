import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { prepareZXingModule } from 'zxing-wasm/reader';
import {
  BAD_FRAMES_MAX,
  FRAME_INTERVAL_MS,
  FRAME_MAX_HEIGHT,
  FRAME_MAX_WIDTH,
  readFrames,
} from '../../../../ui/app/camera-codes/read-frames.ts';
import type { WorkerNews } from '../../../../ui/app/camera-codes/worker-messages.ts';
import { placeQr, rgbaOf, wallPicture } from '../../../support/code-picture.ts';

beforeAll(async () => {
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = new Uint8Array(readFileSync(file)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  vi.stubGlobal(
    'ImageData',
    class {
      readonly data: Uint8ClampedArray;
      readonly width: number;
      readonly height: number;
      constructor(data: Uint8ClampedArray, width: number, height: number) {
        this.data = data;
        this.width = width;
        this.height = height;
      }
    },
  );
});
afterAll(() => void vi.unstubAllGlobals());

type Rect = { x: number; y: number; width: number; height: number };

/** A frame as a camera's stream gives it; grey, or with a code in its middle. */
const frameOf = (width: number, height: number, text?: string) => {
  const asked: Rect[] = [];
  const frame = {
    asked,
    close: vi.fn(),
    visibleRect: { x: 0, y: 0, width, height },
    allocationSize: ({ rect }: { rect: Rect }) => rect.width * rect.height * 4,
    async copyTo(bytes: Uint8ClampedArray, { rect }: { rect: Rect }) {
      asked.push(rect);
      if (text === undefined) return;
      const picture = wallPicture(rect.width, rect.height);
      placeQr(picture, { text, centreX: rect.width / 2, centreY: rect.height / 2, modulePx: 4 });
      bytes.set(rgbaOf(picture).data);
    },
  };
  return frame;
};

/** Plays frames at a pace and answers what is told. */
const play = async (frames: readonly object[], stepMs: number): Promise<WorkerNews[]> => {
  let nowMs = 0;
  const told: WorkerNews[] = [];
  const stream = new ReadableStream(
    {
      pull(controller) {
        nowMs += stepMs;
        const frame = frames[Math.round(nowMs / stepMs) - 1];
        if (frame === undefined) controller.close();
        else controller.enqueue(frame);
      },
    },
    { highWaterMark: 0 },
  );
  await readFrames(
    stream as ReadableStream<VideoFrame>,
    () => nowMs,
    (news) => told.push(news),
  );
  return told;
};

test('a code is told once, each frame is told, and the end of the stream is', async () => {
  const frames = [1, 2, 3].map(() => frameOf(320, 240, 'CARD-0042'));
  const told = await play(frames, 100);
  expect(told.map(({ kind }) => kind)).toEqual(['frame', 'frame', 'code', 'frame', 'ended']);
  expect(told[2]).toEqual({ kind: 'code', text: 'CARD-0042', aim: ']Q1' });
});

test('a frame that cannot be read is passed over, and let go of', async () => {
  const torn = { ...frameOf(320, 240), copyTo: () => Promise.reject(new Error('torn')) };
  const good = [1, 2].map(() => frameOf(320, 240, 'CARD-0042'));
  const told = await play([torn, ...good], 100);
  expect(told.filter(({ kind }) => kind === 'code')).toHaveLength(1);
  expect(torn.close).toHaveBeenCalled();
});

test('frames that cannot be read one after the other are given up on, at their limit', async () => {
  const torn = () => ({ ...frameOf(320, 240), copyTo: () => Promise.reject(new Error('torn')) });
  const almost = Array.from({ length: BAD_FRAMES_MAX - 1 }, torn);
  const told = await play([...almost, frameOf(320, 240), ...almost], 100);
  expect(told.map(({ kind }) => kind)).toEqual(['frame', 'ended']);
  await expect(play([...almost, torn()], 100)).rejects.toThrow('torn');
});

test('no news holds a frame', async () => {
  const told = await play([frameOf(320, 240, 'CARD-0042'), frameOf(320, 240)], 100);
  expect(
    told.flatMap((news) => Object.values(news)).filter((each) => typeof each === 'object'),
  ).toEqual([]);
});

test('frames that come sooner than the interval are let go unread', async () => {
  const frames = Array.from({ length: 12 }, () => frameOf(64, 48));
  const told = await play(frames, FRAME_INTERVAL_MS / 3);
  expect(told.filter(({ kind }) => kind === 'frame')).toHaveLength(4);
  for (const { close } of frames) expect(close).toHaveBeenCalledTimes(1);
});

test.each([
  ['at the limit whole', FRAME_MAX_WIDTH, FRAME_MAX_HEIGHT, { x: 0, y: 0 }],
  [
    'past the limit in its middle',
    FRAME_MAX_WIDTH + 644,
    FRAME_MAX_HEIGHT + 362,
    { x: 322, y: 180 },
  ],
])('a frame %s is decoded', async (_, width, height, from) => {
  const frame = frameOf(width, height);
  await play([frame], 100);
  expect(frame.asked).toEqual([{ ...from, width: FRAME_MAX_WIDTH, height: FRAME_MAX_HEIGHT }]);
});
