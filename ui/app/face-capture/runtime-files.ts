/** A WebAssembly file of a runtime as the program was built with it: what is loaded is compared with this. */
export interface RuntimeFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** TensorFlow.js 4.22.0 with SIMD and one thread. */
export const TFJS_WASM: RuntimeFile = {
  name: 'tfjs-backend-wasm-simd.wasm',
  bytes: 424_594,
  sha256: '77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b',
};

/** ONNX Runtime Web 1.30.0; loaded for a model pack only. */
export const ONNX_WASM: RuntimeFile = {
  name: 'ort-wasm-simd-threaded.wasm',
  bytes: 14_239_897,
  sha256: '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
};
