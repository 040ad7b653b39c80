import type { CameraParts } from './camera-reader.ts';

/** Gives the frames of a track as a stream (W3C "MediaStreamTrack Insertable Media Processing using Streams"). */
type TrackProcessor = new (init: {
  readonly track: MediaStreamTrack;
}) => {
  readonly readable: ReadableStream<VideoFrame>;
};

/** The camera of the machine that the page is on. */
export const browserCamera: CameraParts = {
  media: navigator.mediaDevices,
  page: document,
  spawn: () => new Worker(new URL('./code-worker.ts', import.meta.url), { type: 'module' }),
  framesOf(track) {
    const Processor = (globalThis as { MediaStreamTrackProcessor?: TrackProcessor })
      .MediaStreamTrackProcessor;
    if (Processor === undefined) throw new Error('the browser gives no frames to workers');
    return new Processor({ track }).readable;
  },
};
