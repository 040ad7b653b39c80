import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { MessagePortMain } from 'electron';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DriverEvent } from '../../drivers/contract/event.ts';
import { connectDriverHost } from '../../drivers/host-client.ts';
import { fromUtilityPort } from '../../drivers/utility-port.ts';
import { FakeChannel } from '../support/electron/fake-port.ts';
import { createUtilityProcesses } from '../support/electron/fake-utility-process.ts';

const ENTRY = fileURLToPath(new URL('../../drivers/utility-main.ts', import.meta.url));
const WAIT = { timeout: 15_000, interval: 10 } as const;

const processes = createUtilityProcesses();
afterEach(() => processes.killAll());

/** The driver process as the desktop shell starts it, with one simulated scanner that is ready. */
const startReady = async (fields: Readonly<Record<string, unknown>> = {}) => {
  const child = processes.fork(ENTRY);
  const ended = once(child, 'exit');
  const { port1, port2 } = new FakeChannel();
  child.postMessage({ type: 'port' }, [port1 as unknown as MessagePortMain]);
  const events: DriverEvent[] = [];
  const client = connectDriverHost(fromUtilityPort(port2), (event) => events.push(event));
  await client.up;
  await client.call('configure', {
    devices: [{ id: 'sim-1', driver: 'sim-scanner', owner: 'agent', ...fields }],
  });
  await client.call('start', { deviceId: 'sim-1' });
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ to: 'ready' }), WAIT);
  return { client, ended, agentGoes: () => port2.close() };
};

describe('the driver process of the desktop program', () => {
  test('ends with 0 when it is told to shut down, and its answer comes first', async () => {
    const { client, ended } = await startReady();
    expect(await client.call('shutdown')).toEqual({ ok: true, value: null });
    expect(await ended).toEqual([0]);
  });

  test('ends by itself when its agent goes', async () => {
    const { ended, agentGoes } = await startReady();
    agentGoes();
    await ended;
  });

  test.skipIf(process.platform === 'win32')(
    'ends by itself when its agent goes while a native call never returns: its exit would wait for that',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tillside-utility-'));
      const pipe = join(folder, 'pipe');
      // Opening a named pipe waits for its writer, in a thread of the pool; Windows has no such files.
      execFileSync('mkfifo', [pipe]);
      const { ended, agentGoes } = await startReady({ scenarioFile: pipe });
      agentGoes();
      await ended;
      rmSync(folder, { recursive: true });
    },
    15_000,
  );
});
