/** The worker's one order: read this stream. The stream moves to the worker, so that no frame is ever in the page. */
export interface ReadStream {
  readonly frames: ReadableStream<VideoFrame>;
}

/** What the worker tells; a frame is never part of it. */
export type WorkerNews =
  /** The decoder is loaded; from here on it depends on the camera. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'frame';
      readonly dark: boolean;
      readonly seen: 'none' | 'one' | 'several';
      readonly tookMs: number;
    }
  | { readonly kind: 'code'; readonly text: string; readonly aim: string }
  | { readonly kind: 'over-long' }
  /** The stream ended: the camera is gone. */
  | { readonly kind: 'ended' }
  /** The decoder did not start, or frames cannot be read. */
  | { readonly kind: 'failed'; readonly why: string };
