import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SyncView } from '../../agent/contract/index.ts';
import { askAgent } from '../../agent/main/admin-channel.ts';
import { startDemo, type TestDemo } from '../support/till.ts';

const ENTRY = join(import.meta.dirname, '../../agent/main/start.ts');
/** Processes start and end slowly on a busy machine; what is waited for is a state, never a time. */
const WAIT = { timeout: 60_000, interval: 100 };

let demo: TestDemo;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => {
  await demo?.kill();
  demo?.remove();
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: that is the answer.
    return false;
  }
};
const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
const till = (nth: number) => {
  const found = demo.tills[nth];
  if (found === undefined) throw new Error(`the demo has no till ${nth}`);
  return found;
};
async function connected(dataDir: string): Promise<boolean> {
  const answer = await askAgent(dataDir, { command: 'sync-status' });
  return answer.ok && (answer.value as SyncView).state === 'online';
}

/** Runs `npm start` to its end. */
async function start(
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [ENTRY, '--no-open', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('the demo', () => {
  it('is headquarters, two tills of one store and one of another, each a process of its own', async () => {
    const stores = demo.tills.map(({ storeId }) => storeId);
    expect(stores).toHaveLength(3);
    expect(stores[0]).toBe(stores[1]);
    expect(stores[2]).not.toBe(stores[0]);
    const pids = [demo.hq.pid, ...demo.tills.map(({ pid }) => pid)];
    expect(new Set(pids).size).toBe(4);
    expect(await answers(new URL('/healthz', demo.hq.url).href)).toBe(true);
    for (const { dataDir } of demo.tills)
      await expect.poll(() => connected(dataDir), WAIT).toBe(true);
  });

  it('cannot be started a second time on its folder, nor reset under itself, and says so', async () => {
    const again = await start('--port', '0', '--data', demo.root);
    expect(again).toMatchObject({ code: 2 });
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'folder-in-use' } });
    const reset = await start('--port', '0', '--data', demo.root, '--reset');
    expect(JSON.parse(reset.stdout)).toMatchObject({ error: { code: 'folder-in-use' } });
    expect(await answers(`${till(0).address}/demo.json`)).toBe(true);
  });

  it('stops headquarters by the line h and starts it again at the same address; its tills come back', async () => {
    const health = new URL('/healthz', demo.hq.url).href;
    demo.type('h');
    await expect.poll(() => answers(health), WAIT).toBe(false);
    await expect.poll(() => connected(till(0).dataDir), WAIT).toBe(false);
    demo.type('h');
    await expect.poll(() => answers(health), WAIT).toBe(true);
    for (const { dataDir } of demo.tills)
      await expect.poll(() => connected(dataDir), WAIT).toBe(true);
  });

  it('starts a till and headquarters again that were killed, at the addresses they had', async () => {
    process.kill(till(1).pid, 'SIGKILL');
    process.kill(hqPid(), 'SIGKILL');
    await expect.poll(() => isAlive(till(1).pid), WAIT).toBe(false);
    await expect.poll(() => answers(`${till(1).address}/demo.json`), WAIT).toBe(true);
    await expect.poll(() => answers(new URL('/healthz', demo.hq.url).href), WAIT).toBe(true);
    await expect.poll(() => connected(till(1).dataDir), WAIT).toBe(true);
  });

  it('ends with exit code 0 when it is told to, and its processes with it', async () => {
    const pids = [till(0).pid, till(2).pid];
    expect(await demo.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await answers(new URL('/healthz', demo.hq.url).href)).toBe(false);
  });

  it('started again is the same chain at the same headquarters address, and its tills are registered still', async () => {
    const { url } = demo.hq;
    demo = await startDemo(demo.root);
    expect(demo.hq.url).toBe(url);
    for (const { dataDir } of demo.tills)
      await expect.poll(() => connected(dataDir), WAIT).toBe(true);
  });

  it('killed with -9 leaves no process behind', async () => {
    const pids = [demo.hq.pid, ...demo.tills.map(({ pid }) => pid)];
    await demo.kill();
    await expect.poll(() => pids.filter(isAlive), WAIT).toEqual([]);
  });

  it('whose port is taken names the port and starts nothing', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const refused = await start('--port', String(port), '--data', demo.root);
    taken.close();
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'port-in-use' } });
    expect(refused.stderr).toContain(String(port));
    expect(await answers(new URL('/healthz', demo.hq.url).href)).toBe(false);
  });
});

/** Of headquarters as it runs by now. */
function hqPid(): number {
  const note = readFileSync(join(demo.root, 'hq', 'running.json'), 'utf8');
  return (JSON.parse(note) as { pid: number }).pid;
}
