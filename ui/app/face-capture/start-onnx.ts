import runtimeWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as runtime from 'onnxruntime-web/wasm';
import type { ModelResult } from '../../../drivers/face/model-manifest.ts';
import type { OpenOnnx } from '../../../drivers/face/onnx-embedder.ts';
import { type FetchFile, readRuntime } from './read-model-file.ts';
import { ONNX_WASM } from './runtime-files.ts';

/** Starts ONNX Runtime in a worker, on WASM with one thread, out of bytes that were checked. */
export async function startOnnx(fetchFile: FetchFile): Promise<ModelResult<OpenOnnx>> {
  const wasm = await readRuntime(fetchFile, ONNX_WASM, runtimeWasm);
  if (!wasm.ok) return wasm;
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmBinary = new Uint8Array(wasm.value).buffer;
  const open: OpenOnnx = async (bytes) => {
    const session = await runtime.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const [input = ''] = session.inputNames;
    return {
      async run(values, shape) {
        const out = await session.run({
          [input]: new runtime.Tensor('float32', values, [...shape]),
        });
        return Object.fromEntries(
          Object.entries(out).map(([name, tensor]) => [name, tensor.data as Float32Array]),
        );
      },
      close: () => session.release(),
    };
  };
  return { ok: true, value: open };
}
