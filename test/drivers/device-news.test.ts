import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDeviceNews } from '../../drivers/device-news.ts';

const nodes = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tillside-nodes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

test.skipIf(process.platform !== 'linux')(
  'each listener hears of a device node that comes, until it has left',
  async () => {
    const folder = await nodes();
    const listen = createDeviceNews(() => {}, 'linux', folder);
    const heard = [0, 0];
    const stop = [0, 1].map((index) =>
      listen(() => heard.splice(index, 1, (heard[index] ?? 0) + 1)),
    );
    await writeFile(join(folder, 'ttyACM0'), '');
    await vi.waitFor(() => expect(heard.every((times) => times > 0)).toBe(true));
    stop[0]?.();
    const [first] = heard;
    await writeFile(join(folder, 'ttyACM1'), '');
    await vi.waitFor(() => expect(heard[1]).toBeGreaterThan(first ?? 0));
    stop[1]?.();
    expect(heard[0]).toBe(first);
    // Somebody listens again after the last one has left.
    const again: string[] = [];
    const end = listen(() => void again.push('news'));
    await writeFile(join(folder, 'ttyACM2'), '');
    await vi.waitFor(() => expect(again).toContain('news'));
    end();
  },
);

test('a system without device nodes has no news and no fault of it', async () => {
  const lines: string[] = [];
  const folder = join(await nodes(), 'nowhere');
  createDeviceNews((_level, message) => void lines.push(message), 'win32', folder)(() => {})();
  expect(lines).toEqual([]);
  createDeviceNews((_level, message) => void lines.push(message), 'linux', folder)(() => {})();
  expect(lines).toEqual(['no device news']);
});
