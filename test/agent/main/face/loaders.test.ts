import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makePack } from '../../../support/face-pack/model-folders.ts';

const program = fileURLToPath(
  new URL('../../../support/face-pack/open-and-watch.ts', import.meta.url),
);

test('models load and describe without a network, and leave the handlers of the process as they are', async () => {
  const pack = makePack();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, pack]);
    expect(JSON.parse(stdout)).toEqual({
      described: [128, 512],
      network: [],
      // The watch itself works.
      watches: true,
      unchanged: true,
      // With the handlers of the WASM loader in place the process would have ended at the first.
      handled: expect.arrayContaining(['thrown in a timer', 'rejected with nobody waiting']),
    });
  } finally {
    rmSync(pack, { recursive: true });
  }
});
