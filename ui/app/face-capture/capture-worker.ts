import type { CaptureNews, CaptureOrder } from './capture-messages.ts';
import { createFramePixels } from './frame-pixels.ts';
import { loadEmbedder } from './load-embedder.ts';
import { lookAtFrames } from './look-at-frames.ts';

const tell = (news: CaptureNews): void => postMessage(news);

/** Faces are found and described here and nowhere else; numbers leave, pictures do not. */
async function start({ frames, pack, model, challenge }: CaptureOrder): Promise<void> {
  const embedder = await loadEmbedder((address) => fetch(address), pack, model);
  if (!embedder.ok) {
    const { code, detail } = embedder.error;
    return tell({ kind: 'failed', trouble: 'model-missing', why: `${code}: ${detail}` });
  }
  tell({ kind: 'ready', dimensions: embedder.value.manifest.dimensions });
  await lookAtFrames(frames, challenge, {
    embedder: embedder.value,
    pixels: createFramePixels((width, height) => new OffscreenCanvas(width, height)),
    nowMs: () => performance.now(),
    tell,
  });
}

addEventListener('message', ({ data }: MessageEvent<CaptureOrder>) => {
  start(data).catch((error: unknown) =>
    tell({
      kind: 'failed',
      trouble: 'failed',
      why: error instanceof Error ? error.message : String(error),
    }),
  );
});
