import { describe, expect, test } from 'vitest';
import {
  MODEL_FILE_MAX_BYTES,
  readModelFile,
  readRuntime,
  sha256Hex,
} from '../../../../ui/app/face-capture/read-model-file.ts';

const BYTES = Uint8Array.of(1, 2, 3);
const SHA = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';
const answers = (make: () => Response) => () => Promise.resolve(make());
const told = async (fetchFile: (address: string) => Promise<Response>): Promise<string> => {
  const file = await readModelFile(fetchFile, 'a.bin', '/a.bin');
  return file.ok ? [...file.value].join() : `${file.error.code} ${file.error.detail}`;
};

describe('A file of a model', () => {
  test('is read from where it lies', async () => {
    expect(await told(answers(() => new Response(BYTES)))).toBe('1,2,3');
    expect(await sha256Hex(BYTES)).toBe(SHA);
  });

  test('A model file missing: is named with the status, also where the server is gone', async () => {
    expect(await told(answers(() => new Response('', { status: 404 })))).toBe(
      'file-missing a.bin: status 404',
    );
    expect(await told(() => Promise.reject(new TypeError('Failed to fetch')))).toBe(
      'file-missing a.bin: Failed to fetch',
    );
  });

  test('is not read where it says that it is larger than any model', async () => {
    const sized = (bytes: number) =>
      answers(() => new Response(BYTES, { headers: { 'content-length': String(bytes) } }));
    expect(await told(sized(MODEL_FILE_MAX_BYTES))).toBe('1,2,3');
    expect(await told(sized(MODEL_FILE_MAX_BYTES + 1))).toBe('file-altered a.bin: too large');
  });
});

test('A runtime that is not the one the program was built with is refused', async () => {
  const runtime = async (bytes: number, sha256: string) => {
    const read = await readRuntime(
      answers(() => new Response(BYTES)),
      { name: 'r.wasm', bytes, sha256 },
      '/r',
    );
    return read.ok ? 'ok' : read.error.code;
  };
  expect(await runtime(3, SHA)).toBe('ok');
  expect(await runtime(4, SHA)).toBe('file-altered');
  expect(await runtime(3, SHA.replace('0', '1'))).toBe('file-altered');
});
