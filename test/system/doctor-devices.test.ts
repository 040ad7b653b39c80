import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { deviceStatisticsFileSchema } from '../../agent/contract/index.ts';
import { createSystemLocks } from '../../drivers/system-locks.ts';
import { prepareTillFolder, runTill, startTill } from '../support/till.ts';

const WAIT = { timeout: 20_000, interval: 250 };
const folder = prepareTillFolder({
  config: {
    devices: [
      { id: 'till-scanner', driver: 'sim-scanner', owner: 'agent' },
      {
        id: 'far',
        driver: 'serial-scanner',
        owner: 'agent',
        path: '/dev/tillside-no-such-port',
      },
    ],
  },
});
afterAll(() => folder.remove());

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

async function doctor(...more: string[]): Promise<(name: string) => Check | undefined> {
  const { stdout } = await runTill([
    'doctor',
    '--config',
    folder.configFile,
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
    ...more,
  ]);
  const checks = JSON.parse(stdout) as Check[];
  return (name) => checks.find(({ check }) => check === name);
}

it('doctor says how each device is, with and without an agent, who holds one, and writes what they did', async () => {
  const till = await startTill(folder);
  const file = join(folder.root, 'statistics.json');
  const running = await doctor('--statistics', file);
  expect(running('device till-scanner')).toMatchObject({ ok: true });
  expect(running('device far')).toMatchObject({ ok: false });
  expect(running('device far')?.detail).toContain('absent');
  expect(running('device far')?.remedy).toContain('Plug the device in');
  expect(running('statistics')).toMatchObject({ ok: true });
  const read = () => deviceStatisticsFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  await expect
    .poll(async () => {
      await doctor('--statistics', file);
      return read().days.map(({ deviceId }) => String(deviceId));
    }, WAIT)
    .toEqual(['far', 'till-scanner']);
  await till.stop();

  // A file stands for the port here: what matters is that it is there and claimed by this very process.
  const port = join(folder.root, 'port');
  writeFileSync(port, '');
  writeFileSync(
    folder.configFile,
    JSON.stringify({
      port: 0,
      devices: [{ id: 'near', driver: 'serial-scanner', owner: 'agent', path: port }],
    }),
  );
  const lock = await createSystemLocks().take(`serial|${port}`, 'near');
  if (!lock.ok) throw new Error(lock.error.detail);
  const busy = await doctor('--statistics', file);
  expect(busy('device near')).toMatchObject({ ok: false });
  expect(busy('device near')?.detail).toContain(`process ${process.pid}`);
  expect(read().days).toHaveLength(2);
  await lock.value.release();
  expect((await doctor())('device near')).toMatchObject({ ok: true });
  expect(
    (await doctor('--statistics', join(folder.root, 'no', 'where')))('statistics'),
  ).toMatchObject({ ok: false });
});
