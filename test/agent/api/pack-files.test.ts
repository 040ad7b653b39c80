import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPackFiles } from '../../../agent/api/pack-files.ts';

const MAX_BYTES = 1_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-pack-'));
  mkdirSync(join(folder, 'pack', 'sub.onnx'), { recursive: true });
  writeFileSync(join(folder, 'pack', 'manifest.json'), '{}');
  writeFileSync(join(folder, 'pack', 'a.onnx'), 'net');
  writeFileSync(join(folder, 'pack', '.hidden.json'), '{}');
  writeFileSync(join(folder, 'pack', 'readme.txt'), 'words');
  writeFileSync(join(folder, 'outside.json'), '{}');
  symlinkSync(join(folder, 'outside.json'), join(folder, 'pack', 'link.json'));
  writeFileSync(join(folder, 'pack', 'largest.bin'), Buffer.alloc(MAX_BYTES));
  writeFileSync(join(folder, 'pack', 'larger.bin'), Buffer.alloc(MAX_BYTES + 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const served = async (path: string): Promise<string | undefined> =>
  (await createPackFiles(join(folder, 'pack'), MAX_BYTES)(path))?.type;

test("a pack's manifest and networks are served", async () => {
  expect(await served('/face-pack/manifest.json')).toContain('application/json');
  expect(await served('/face-pack/a.onnx')).toBe('application/octet-stream');
  expect(await served('/face-pack/largest.bin')).toBe('application/octet-stream');
});

test.each([
  '/face-pack/',
  '/face-pack/missing.onnx',
  '/face-pack/sub.onnx',
  '/face-pack/readme.txt',
  '/face-pack/.hidden.json',
  '/face-pack/link.json',
  '/face-pack/../outside.json',
  '/face-pack/%2e%2e/outside.json',
  '/face-pack/larger.bin',
  '/manifest.json',
])('%s is not', async (path) => {
  expect(await served(path)).toBeUndefined();
});

test('a folder that is not there has no files', async () => {
  expect(await createPackFiles(join(folder, 'gone'))('/face-pack/manifest.json')).toBeUndefined();
});
