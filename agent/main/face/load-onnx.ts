import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OpenOnnx } from '../../../drivers/face/onnx-embedder.ts';

/** ONNX Runtime on WASM with one thread, its own files from the package; it logs nothing but errors. */
export async function loadOnnx(): Promise<OpenOnnx> {
  const runtime = await import('onnxruntime-web/wasm');
  const main = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = `${pathToFileURL(dirname(main)).href}/`;
  return async (bytes) => {
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
}
