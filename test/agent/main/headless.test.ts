import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { tillConfigSchema } from '../../../agent/main/config.ts';
import { startHeadless } from '../../../agent/main/headless.ts';
import type { HostedProcess } from '../../../agent/main/host.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-headless-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A driver process that hangs before it says anything and ends only when it is killed. */
function hangingProcess(): HostedProcess {
  let end: (code: number | null) => void = () => undefined;
  const exit = new Promise<number | null>((settle) => {
    end = settle;
  });
  const port = { postMessage: () => undefined, onMessage: () => undefined, close: () => undefined };
  return { port, exit, pid: undefined, kill: () => end(null) };
}

it('a till opens and sells though its driver process never comes up', async () => {
  const started = await startHeadless({
    config: tillConfigSchema.parse({ port: 0 }),
    dataDir: join(root, 'data'),
    keyFile: join(root, 'till.key'),
    logLevel: 'silent',
    host: { spawn: hangingProcess },
  });
  if (!started.ok) throw new Error(started.error.code);
  const answer = await fetch(`${started.value.address}/v1/status`);
  expect(await answer.json()).toMatchObject({ name: 'tillside', devices: [] });
  await started.value.close();
});

it('what the devices did up to the moment of an orderly close is kept', async () => {
  const options = {
    config: tillConfigSchema.parse({
      port: 0,
      devices: [{ id: 'till-scanner', driver: 'sim-scanner', owner: 'agent' }],
    }),
    dataDir: join(root, 'counted'),
    keyFile: join(root, 'counted.key'),
    logLevel: 'silent',
  };
  const first = await startHeadless(options);
  if (!first.ok) throw new Error(first.error.code);
  const { devices, close } = first.value;
  await expect.poll(() => devices.list()[0]?.state, { timeout: 15_000 }).toBe('ready');
  expect(await devices.simulate('till-scanner', 'ONE')).toMatchObject({ ok: true });
  await close();
  const second = await startHeadless(options);
  if (!second.ok) throw new Error(second.error.code);
  expect(second.value.store.deviceStatistics.since('', 10, 0)).toMatchObject([{ scans: 1 }]);
  await second.value.close();
});
