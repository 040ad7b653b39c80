import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { ONNX_WASM, TFJS_WASM } from '../../../../ui/app/face-capture/runtime-files.ts';

const packageFile = (path: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../../node_modules/${path}`, import.meta.url)));

test.each([
  { folder: '@tensorflow/tfjs-backend-wasm/dist', ...TFJS_WASM },
  { folder: 'onnxruntime-web/dist', ...ONNX_WASM },
  ...DEFAULT_MODEL.files.map((file) => ({ folder: 'face-api.js/model', ...file })),
])('the page will accept $name as it lies in $folder', ({ folder, name, bytes, sha256 }) => {
  const file = packageFile(`${folder}/${name}`);
  expect(file.length).toBe(bytes);
  expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
});
