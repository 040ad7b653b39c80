import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FaceApi } from '../../../drivers/face/face-api-embedder.ts';

const require = createRequire(import.meta.url);

const WATCHED = ['uncaughtException', 'unhandledRejection'] as const;
/** How the two handlers of the WASM loader (Emscripten) begin: whatever fails anywhere is thrown again. */
const RETHROWS = /^function \((ex|reason)\) \{[^}]*throw (ex|reason)/;

type Listener = (...args: unknown[]) => void;

type Loaded = FaceApi & {
  readonly tf: FaceApi['tf'] & {
    setBackend(name: string): Promise<boolean>;
    ready(): Promise<void>;
  };
};

/**
 * Loads the build of face-api.js for Node, on WASM and nothing else, all files from the packages. Its WASM loader puts
 * handlers on the whole process that rethrow whatever fails anywhere; they are taken off again, and nobody else's.
 */
export async function loadFaceApi(): Promise<FaceApi> {
  const before = new Map(WATCHED.map((event) => [event, process.rawListeners(event)]));
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  const api: Loaded = require('face-api.js/dist/face-api.node-wasm.js');
  const isSet = await api.tf.setBackend('wasm');
  await api.tf.ready();
  for (const event of WATCHED)
    for (const listener of process.rawListeners(event))
      if (before.get(event)?.includes(listener) !== true && RETHROWS.test(String(listener)))
        process.removeListener(event, listener as Listener);
  if (!isSet) throw new Error('broken invariant: the WASM backend does not start');
  return api;
}

/** The folder of the models that come with the package. */
export function faceApiModelFolder(): string {
  return `${dirname(require.resolve('face-api.js/package.json'))}/model`;
}
