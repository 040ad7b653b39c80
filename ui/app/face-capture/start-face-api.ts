import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as faceApi from 'face-api.js/dist/face-api.esm.js';
import type { FaceApi } from '../../../drivers/face/face-api-embedder.ts';
import type { ModelResult } from '../../../drivers/face/model-manifest.ts';
import { type FetchFile, readRuntime } from './read-model-file.ts';
import { TFJS_WASM } from './runtime-files.ts';

/** The part of TensorFlow.js that starts it. */
interface Tf {
  env(): {
    readonly platform: { fetch(address: string): Promise<Response> };
    set(flag: string, value: boolean): void;
  };
  setWasmPaths(paths: Readonly<Record<string, string>>, usePlatformFetch: boolean): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}

/** What face-api.js asks of a page and a worker does not have; with tensors as input none of it is ever made. */
class NotInWorkers {}
const none = (): never => {
  throw new Error('broken invariant: a worker makes no elements');
};

/**
 * Starts face-api.js in a worker, on WASM with SIMD and one thread and nothing else: threads gain nothing on two cores,
 * and WebGL without a graphics processor takes minutes for one frame.
 */
export async function startFaceApi(fetchFile: FetchFile): Promise<ModelResult<FaceApi>> {
  const runtime = await readRuntime(fetchFile, TFJS_WASM, simdWasm);
  if (!runtime.ok) return runtime;
  // It looks for a window, finds none, and every call fails until it is told what there is.
  faceApi.env.setEnv({
    Canvas: OffscreenCanvas,
    CanvasRenderingContext2D: OffscreenCanvasRenderingContext2D,
    Image: NotInWorkers,
    ImageData,
    Video: NotInWorkers,
    createCanvasElement: none,
    createImageElement: none,
    createVideoElement: none,
    fetch: none,
    readFile: none,
  });
  const tf = faceApi.tf as unknown as Tf;
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  // The bytes that were checked are the ones that run.
  tf.env().platform.fetch = () => Promise.resolve(new Response(new Uint8Array(runtime.value)));
  const paths = ['tfjs-backend-wasm.wasm', TFJS_WASM.name, 'tfjs-backend-wasm-threaded-simd.wasm'];
  tf.setWasmPaths(Object.fromEntries(paths.map((path) => [path, simdWasm])), true);
  const isSet = await tf.setBackend('wasm');
  await tf.ready();
  if (!isSet) throw new Error('the WASM backend does not start');
  return { ok: true, value: faceApi as unknown as FaceApi };
}
