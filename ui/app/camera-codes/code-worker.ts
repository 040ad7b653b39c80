import { prepareZXingModule } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { readFrames } from './read-frames.ts';
import type { ReadStream, WorkerNews } from './worker-messages.ts';

const tell = (news: WorkerNews): void => postMessage(news);

/** The wasm file lies beside the screens; the library would fetch its own from a public server. */
async function loadDecoder(): Promise<void> {
  const answer = await fetch(wasmUrl);
  if (!answer.ok) throw new Error(`the decoder was not found: status ${answer.status}`);
  const wasmBinary = await answer.arrayBuffer();
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

async function start({ frames }: ReadStream): Promise<void> {
  await loadDecoder();
  tell({ kind: 'ready' });
  await readFrames(frames, () => performance.now(), tell);
}

addEventListener('message', ({ data }: MessageEvent<ReadStream>) => {
  start(data).catch((error: unknown) =>
    tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
});
