import type { Picture } from '../../../drivers/face/embedder.ts';

/** Wider frames are made smaller: a face before a till's camera is still well above the gate, and four times as fast. */
export const FRAME_MAX_WIDTH_PX = 640;

/** Takes the pixels of frames, in one canvas that is wiped after each. */
export interface FramePixels {
  /** The pixels are the caller's to wipe; the frame stays the caller's to close. */
  take(frame: VideoFrame): Picture & { readonly data: Uint8ClampedArray };
}

/** @param makeCanvas a canvas of the given size in pixels */
export function createFramePixels(
  makeCanvas: (width: number, height: number) => OffscreenCanvas,
): FramePixels {
  let canvas: OffscreenCanvas | null = null;
  return {
    take(frame) {
      const { displayWidth, displayHeight } = frame;
      const scale = Math.min(1, FRAME_MAX_WIDTH_PX / displayWidth);
      const width = Math.max(1, Math.round(displayWidth * scale));
      const height = Math.max(1, Math.round(displayHeight * scale));
      if (canvas?.width !== width || canvas.height !== height) canvas = makeCanvas(width, height);
      const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
      if (context === null) throw new Error('the browser gives no canvas to workers');
      context.drawImage(frame, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      context.fillRect(0, 0, width, height);
      return { data, width, height };
    },
  };
}
