import { readBarcodes } from 'zxing-wasm/reader';
import { createCodeGate } from './code-gate.ts';
import { isDark } from './frame-light.ts';
import { READER_OPTIONS } from './reader-options.ts';
import type { WorkerNews } from './worker-messages.ts';

/** Twelve frames a second are decoded at most; the others are let go unread. */
export const FRAME_INTERVAL_MS = 83;
/** What is decoded of a larger frame is its middle, in pixels. */
export const FRAME_MAX_WIDTH = 1_920;
export const FRAME_MAX_HEIGHT = 1_080;
/** So many frames in a row that cannot be read mean that none can; a single one is a fault of the moment. */
export const BAD_FRAMES_MAX = 5;

/** The middle of a frame as red, green, blue and alpha bytes. */
async function pixelsOf(frame: VideoFrame): Promise<ImageData> {
  const { x, y, width, height } =
    frame.visibleRect ?? new DOMRectReadOnly(0, 0, frame.codedWidth, frame.codedHeight);
  const cutWidth = Math.min(width, FRAME_MAX_WIDTH);
  const cutHeight = Math.min(height, FRAME_MAX_HEIGHT);
  // Colour planes have half the resolution, so a cut begins at an even place.
  const even = (place: number): number => place - (place % 2);
  const rect = {
    x: x + even(Math.floor((width - cutWidth) / 2)),
    y: y + even(Math.floor((height - cutHeight) / 2)),
    width: cutWidth,
    height: cutHeight,
  };
  const options = { rect, format: 'RGBA', colorSpace: 'srgb' } as const;
  const bytes = new Uint8ClampedArray(frame.allocationSize(options));
  await frame.copyTo(bytes, options);
  return new ImageData(bytes, cutWidth, cutHeight);
}

/**
 * Decodes the frames of a camera until they end.
 * @param nowMs a clock that only goes forward
 */
export async function readFrames(
  frames: ReadableStream<VideoFrame>,
  nowMs: () => number,
  tell: (news: WorkerNews) => void,
): Promise<void> {
  const gate = createCodeGate();

  async function read(frame: VideoFrame): Promise<void> {
    const startMs = nowMs();
    const pixels = await pixelsOf(frame);
    const found = await readBarcodes(pixels, READER_OPTIONS);
    const codes = found
      .filter(({ isValid, text }) => isValid && text !== '')
      .map(({ text, symbologyIdentifier }) => ({ text, aim: symbologyIdentifier }));
    const endMs = nowMs();
    const event = gate.look(codes, endMs);
    tell({
      kind: 'frame',
      dark: codes.length === 0 && isDark(pixels.data),
      seen: codes.length === 0 ? 'none' : event?.kind === 'several' ? 'several' : 'one',
      tookMs: endMs - startMs,
    });
    if (event?.kind === 'code') tell({ kind: 'code', ...event.code });
    if (event?.kind === 'over-long') tell({ kind: 'over-long' });
  }

  const reader = frames.getReader();
  let nextMs = Number.NEGATIVE_INFINITY;
  let badFrames = 0;
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done || frame === undefined) return tell({ kind: 'ended' });
    try {
      if (nowMs() < nextMs) continue;
      nextMs = nowMs() + FRAME_INTERVAL_MS;
      await read(frame);
      badFrames = 0;
    } catch (error) {
      badFrames += 1;
      if (badFrames >= BAD_FRAMES_MAX) throw error;
    } finally {
      // A frame that is not let go of stops the camera after a few.
      frame.close();
    }
  }
}
